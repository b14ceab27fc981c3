from django.urls import path

from agency.views import account, invitations, settings, setup, team

urlpatterns = [
    path("setup/", setup.setup, name="setup"),
    path("sign-in/", account.SignIn.as_view(), name="sign-in"),
    path("sign-out/", account.SignOut.as_view(), name="sign-out"),
    path("profile/", account.profile, name="profile"),
    path("profile/password/", account.PasswordChange.as_view(), name="password-change"),
    path("password-reset/", account.PasswordReset.as_view(), name="password-reset"),
    path("password-reset/sent/", account.PasswordResetSent.as_view(), name="password-reset-sent"),
    path("password-reset/<uidb64>/<token>/", account.PasswordResetConfirm.as_view(), name="password-reset-confirm"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("settings/", settings.index, name="settings"),
    path("settings/team/", team.members, name="team"),
    path("settings/team/invite/", team.invite, name="team-invite"),
    path("settings/team/invitations/<uuid:invitation>/revoke/", team.revoke, name="invitation-revoke"),
    path("settings/team/<uuid:membership>/role/", team.change_role, name="member-role"),
    path("settings/team/<uuid:membership>/remove/", team.remove, name="member-remove"),
    path("settings/branding/", settings.branding, name="branding"),
    path("settings/agency/", settings.switch, name="agency-switch"),
    path("logo/", settings.logo, name="logo"),
]
