from django.db import migrations, models


class Migration(migrations.Migration):
    """Which clients a viewer will see is chosen with the invitation."""

    dependencies = [
        ("agency", "0002_sessions_and_throttle"),
        ("clients", "0001_squashed_0031_what_forms_asked_for"),
    ]

    operations = [
        migrations.AddField(
            "client",
            "invitations",
            models.ManyToManyField(blank=True, editable=False, related_name="clients", to="agency.invitation"),
        ),
    ]
