from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0020_lead_uploads_and_orders")]

    operations = [
        migrations.AddField("budget", "left", models.PositiveIntegerField(null=True)),
        migrations.AddField("budget", "left_at", models.DateTimeField(null=True)),
    ]
