from django.db import migrations, models


class Migration(migrations.Migration):
    """What a form asked for is one of its client's: another's form may carry the same id."""

    dependencies = [("clients", "0030_campaign_steps")]

    operations = [
        migrations.AddField("campaignorder", "asked", models.JSONField(default=dict)),
        migrations.RemoveConstraint("mail", "mail_once_in_batch"),
        migrations.AddConstraint(
            "mail", models.UniqueConstraint(fields=["client", "batch", "to"], name="mail_once_in_batch")
        ),
        migrations.AlterField("message", "nonce", models.UUIDField()),
        migrations.AddConstraint(
            "message", models.UniqueConstraint(fields=["client", "nonce"], name="message_once_in_form")
        ),
    ]
