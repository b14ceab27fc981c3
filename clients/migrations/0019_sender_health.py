from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0018_status_moves")]

    operations = [
        migrations.AddField("sender", "mail_on", models.DateField(null=True)),
        migrations.AddField("sender", "mail_received", models.IntegerField(null=True)),
        migrations.AddField("sender", "mail_inboxed", models.IntegerField(null=True)),
        migrations.AddField("sender", "mail_missing", models.IntegerField(null=True)),
    ]
