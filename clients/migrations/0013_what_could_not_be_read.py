from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0012_sending_and_handles")]

    operations = [
        migrations.AddField("placementtest", "unreported", models.CharField(blank=True, max_length=300, default=""), preserve_default=False),
        migrations.AddField("syncrun", "left_out", models.JSONField(default=dict)),
        migrations.AddField("budget", "lifted", models.BooleanField(default=False)),
        migrations.AlterField(
            "syncrun",
            "state",
            models.CharField(
                choices=[
                    ("running", "Running"),
                    ("ok", "Complete"),
                    ("partial", "Complete in part"),
                    ("waiting", "Waiting"),
                    ("failed", "Failed"),
                    ("lost", "Interrupted"),
                ],
                default="running",
                max_length=10,
            ),
        ),
    ]
