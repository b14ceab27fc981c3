import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0023_vendors_of_client_days'),
    ]

    operations = [
        migrations.AddField(
            model_name='event',
            name='counted',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name='EventDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sender_ref', models.CharField(max_length=255)),
                ('day', models.DateField()),
                ('mailbox_provider', models.CharField(choices=[('gmail', 'Gmail'), ('google_workspace', 'Google Workspace'), ('yahoo', 'Yahoo'), ('hotmail', 'Hotmail'), ('outlook', 'Outlook'), ('microsoft_365', 'Microsoft 365'), ('web_de', 'Web.de'), ('libero', 'Libero'), ('other', 'Other')], max_length=20)),
                ('what', models.CharField(choices=[('sent', 'Sent'), ('delivered', 'Delivered'), ('bounced_hard', 'Bounced, hard'), ('bounced_soft', 'Bounced, soft'), ('bounced', 'Bounced, of a kind not told'), ('answered', 'Answered')], max_length=20)),
                ('word', models.CharField(blank=True, max_length=40)),
                ('count', models.IntegerField()),
                ('client', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='clients.client')),
                ('connection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clients.connection')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'day'], name='event_day_client')],
                'constraints': [models.UniqueConstraint(fields=('connection', 'sender_ref', 'day', 'mailbox_provider', 'what', 'word'), name='event_day_once'), models.CheckConstraint(condition=models.Q(('what__in', ['sent', 'delivered', 'bounced_hard', 'bounced_soft', 'bounced', 'answered'])), name='event_day_what_known')],
            },
        ),
    ]
