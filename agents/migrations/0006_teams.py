from django.conf import settings
from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    dependencies = [
        ("agents", "0005_standing_in"),
    ]

    operations = [
        migrations.AddField(
            model_name='cadre',
            name='languages',
            field=models.JSONField(blank=True, default=list, verbose_name='languages spoken'),
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('block', 'Block'), ('walking', 'Walking work team'), ('service', 'Service group')], max_length=10, verbose_name='kind')),
                ('name', models.CharField(max_length=50, verbose_name='name')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='teams', to='agents.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'team',
                'verbose_name_plural': 'teams',
                'ordering': ['unit', 'name'],
                'constraints': [models.UniqueConstraint(fields=('unit', 'name'), name='team_name_once_a_unit', violation_error_message='This unit has a team of that name already.')],
            },
        ),
        migrations.CreateModel(
            name='TeamMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_lead', models.BooleanField(default=False, verbose_name='leads the team')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('valid_to', models.DateField(blank=True, help_text='Last day.', null=True, verbose_name='valid to')),
                ('cadre', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='cadre')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='agents.team', verbose_name='team')),
            ],
            options={
                'verbose_name': 'member of a team',
                'verbose_name_plural': 'members of teams',
                'ordering': ['team', '-is_lead', 'valid_from', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='teammember_ends_after_start')],
            },
        ),
        migrations.AddField(
            model_name='charge',
            name='called_off_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='called off'),
        ),
        migrations.AddField(
            model_name='charge',
            name='team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='charges', to='agents.team', verbose_name='team'),
        ),
        migrations.AddConstraint(
            model_name='charge',
            constraint=models.CheckConstraint(condition=models.Q(('cadre__isnull', True), ('team__isnull', True), _connector='OR'), name='charge_one_holder'),
        ),
    ]
