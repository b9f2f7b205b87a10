"""Tables and columns whose rows no entry seals, each with its reason. All others are sealed, new ones too.

What stands here can be altered by whoever owns the database without `qingkong ledger verify --rows` naming it: so a
line needs a reason why nobody is wronged by that. `docs/adversary.md` prints this table.
"""

UNSEALED = {
    # what may be lost
    "sessions": "sign-ins that run out; each sign-in has its entry",
    "axes": "failed sign-ins, to slow down guessing",
    "web.upload": "an upload under way; the evidence that comes of it is sealed",
    "web.answered": "answers kept for a day so that a form sent twice acts once",
    "disclosure.challenge": "one-time codes that run out in minutes",
    # the machine's own work
    "django_tasks_database": "the queue of jobs; what a job does is sealed",
    "jobs": "when jobs run next, and which worker lives",
    "events": "the stream behind live pages, kept for a day",
    "notices.inboxline": "reminders; what they remind of is sealed",
    # derived from sealed rows, and made anew from them
    "calls.placegram": "search index over the places of calls",
    "cases.titlegram": "search index over the titles of cases",
    "numbering.serial": "the last number given out; `qingkong check --deep` compares it with the numbers on sealed rows",
    # the framework's
    "contenttypes": "Django's names of tables",
    "auth": "Django's groups and permissions: unused, ours stand in code",
    "account": "allauth's e-mail addresses: unused",
    "mfa.authenticator.last_used_at": "changes at each sign-in, which has its entry",
    # whom a seal would betray
    "satisfaction.waitinganswer": "answers until they are shuffled: a seal would tie a citizen's answer to the invitation for ever",
}
