from django.db import migrations, models
from django.db.models import Exists, OuterRef


def read_them_again(apps, schema_editor):
    """Tests with mails that came and have no verdict: they were not waited for, and not counted among what was sent."""
    tests, mails = apps.get_model("clients", "PlacementTest"), apps.get_model("clients", "TestMail")
    undecided = mails.objects.filter(test=OuterRef("pk"), record="received", is_spam=None)
    tests.objects.filter(Exists(undecided), gone_at=None).update(settled=False, read_to=None)


class Migration(migrations.Migration):
    dependencies = [("clients", "0024_event_days")]

    operations = [
        migrations.AddField("broadcast", "undecided", models.IntegerField(null=True)),
        migrations.AddField("placement", "undecided", models.IntegerField(null=True)),
        migrations.RunPython(read_them_again, migrations.RunPython.noop),
    ]
