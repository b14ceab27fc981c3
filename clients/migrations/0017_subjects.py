from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0016_messages")]

    operations = [
        migrations.AddField(
            "mail",
            "test",
            models.ForeignKey(null=True, on_delete=models.SET_NULL, related_name="probes", to="clients.placementtest"),
        ),
        migrations.AddField(
            "conversation", "subject", models.CharField(blank=True, default="", max_length=1000), preserve_default=False
        ),
        migrations.AddField("position", "talks_to", models.DateTimeField(null=True)),
    ]
