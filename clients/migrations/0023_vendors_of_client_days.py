from django.db import migrations, models

# What is there already, as `rebuildrollups` would sum it: each vendor apart, and backwards as before.
FILL = """
    INSERT INTO clients_clientday
        (agency_id, client_id, day, mailbox_provider{vendor}, broadcasts, received, "primary", promotions, spam, missing)
    SELECT d.agency_id, client_id, day, mailbox_provider{vendor},
        SUM(broadcasts), SUM(received), SUM("primary"), SUM(promotions), SUM(spam), SUM(missing)
    FROM clients_placementday d JOIN clients_connection c ON c.id = connection_id
    WHERE client_id IS NOT NULL
    GROUP BY d.agency_id, client_id, day, mailbox_provider{vendor}
"""
EMPTY = 'DELETE FROM clients_clientday'


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0021_calls_left'),
    ]

    operations = [
        migrations.RunSQL(EMPTY, FILL.format(vendor='')),
        migrations.RemoveConstraint(
            model_name='clientday',
            name='client_day_once',
        ),
        migrations.RemoveIndex(
            model_name='clientday',
            name='client_day_of_client',
        ),
        migrations.AddField(
            model_name='clientday',
            name='vendor',
            field=models.CharField(default='', max_length=20),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name='clientday',
            index=models.Index(fields=['client', 'day', 'mailbox_provider', 'vendor', 'received', 'primary', 'promotions'], name='client_day_of_client'),
        ),
        migrations.AddConstraint(
            model_name='clientday',
            constraint=models.UniqueConstraint(fields=('client', 'day', 'mailbox_provider', 'vendor'), name='client_day_once'),
        ),
        migrations.RunSQL(FILL.format(vendor=', vendor'), EMPTY),
    ]
