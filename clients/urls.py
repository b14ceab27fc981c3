from django.urls import path

from clients.views import acts, adding, clients, connections, schedules, scopes, shuffles

urlpatterns = [
    path("clients/new/", clients.new, name="client-new"),
    path("clients/<slug:slug>/edit/", clients.edit, name="client-edit"),
    path("clients/<slug:slug>/archive/", clients.archive, name="client-archive"),
    path("clients/<slug:slug>/restore/", clients.restore, name="client-restore"),
    path("connections/", connections.connections, name="connections"),
    path("connections/new/", adding.new, name="connection-new"),
    path("connections/<uuid:uuid>/", connections.connection, name="connection"),
    path("connections/<uuid:uuid>/progress/", connections.progress, name="connection-progress"),
    path("connections/<uuid:uuid>/sync/", acts.sync_now, name="connection-sync"),
    path("connections/<uuid:uuid>/test/", acts.test, name="connection-test"),
    path("connections/<uuid:uuid>/pause/", acts.pause, name="connection-pause"),
    path("connections/<uuid:uuid>/resume/", acts.resume, name="connection-resume"),
    path("connections/<uuid:uuid>/remove/", acts.remove, name="connection-remove"),
    path("connections/<uuid:uuid>/key/", adding.replace, name="connection-replace"),
    path("connections/<uuid:uuid>/scopes/", scopes.scopes, name="connection-scopes"),
    path("scopes/<uuid:uuid>/remove/", scopes.remove, name="scope-remove"),
    path("unassigned/", scopes.unassigned, name="unassigned"),
    path("unassigned/claim/", scopes.claim, name="unassigned-claim"),
    path("seeds/<uuid:uuid>/shuffle/", shuffles.new, name="shuffle-new"),
    path("seeds/<uuid:uuid>/schedule/", schedules.schedule, name="shuffle-schedule"),
    path("seeds/<uuid:uuid>/schedule/stop/", schedules.stop, name="shuffle-schedule-stop"),
    path("shuffles/<uuid:uuid>/", shuffles.show, name="shuffle"),
    path("shuffles/<uuid:uuid>/progress/", shuffles.progress, name="shuffle-progress"),
    path("shuffles/<uuid:uuid>/confirm/", shuffles.confirm, name="shuffle-confirm"),
    path("shuffles/<uuid:uuid>/rotation/<slug:slug>/", shuffles.rotation, name="rotation-tick"),
    path("runs/<uuid:uuid>/", connections.run, name="run"),
]
