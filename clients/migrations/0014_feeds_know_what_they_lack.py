from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

KEY = "lacks"


def to_feeds(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    rows, feeds = apps.get_model("clients", "Connection").objects, apps.get_model("clients", "Feed").objects
    for connection in rows.filter(settings__has_key=KEY).only("settings"):
        for resource, why in connection.settings[KEY].items():
            feeds.filter(connection=connection, resource=resource).update(lacks=why)
        connection.settings = {name: value for name, value in connection.settings.items() if name != KEY}
        connection.save(update_fields=["settings"])


class Migration(migrations.Migration):
    dependencies = [("clients", "0013_what_could_not_be_read")]

    operations = [
        migrations.AddField(
            "feed", "lacks", models.CharField(blank=True, default="", max_length=300), preserve_default=False
        ),
        migrations.RunPython(to_feeds, migrations.RunPython.noop, elidable=True),
    ]
