from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0014_a")]

    operations = [
        migrations.AddField("budget", "left", models.PositiveIntegerField(null=True)),
        migrations.AddField("budget", "left_at", models.DateTimeField(null=True)),
    ]
