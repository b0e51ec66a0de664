"""Many tickets at once, made by the database itself, in the shape that a helpdesk has after years.

Three in a hundred are worked on (all of them when asked), the rest closed; every customer has three; deadlines lie around
now. With ``said``, each ticket has its message, entry, participant and reference too, as intake meets them.
"""

from __future__ import annotations

from sqlalchemy import text

WORKING = 0.03
CHUNK = 100_000


def tickets(inbox_id: int, count: int, *, working: float = WORKING, said: bool = True) -> None:
    """Add so many tickets of this inbox and its team, spread over three years."""
    from helpdesk.extensions import db

    values = {"inbox": inbox_id, "working": working, "customers": max(count // 3, 1)}
    for statements in ((CUSTOMERS, IDENTITIES), (TICKETS, DEADLINES, *(SAID if said else ()))):
        for start in range(1, count + 1, CHUNK):
            part = {**values, "first": start, "last": min(start + CHUNK - 1, count)}
            for statement in statements:
                db.session.execute(text(statement), part)
            db.session.commit()
    db.session.execute(text("select setval('tickets_id_seq', (select max(id) from tickets))"))
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as line:
        line.execute(text("vacuum analyze"))


CUSTOMERS = """
insert into customers (id, name, language, search_text, created_at, updated_at)
select 1000000 + n, 'Customer ' || n, case when n % 2 = 0 then 'tr' else 'en' end, 'customer ' || n,
       now() - n * interval '90 seconds', now()
from generate_series(cast(:first as int), cast(:last as int)) n where n <= :customers
"""
IDENTITIES = """
insert into identities (customer_id, channel, address, name)
select 1000000 + n, 'email', 'bulk' || n || '@customer.example', 'Customer ' || n
from generate_series(cast(:first as int), cast(:last as int)) n where n <= :customers
"""
TICKETS = """
insert into tickets (id, subject, status, priority, channel, inbox_id, customer_id, team_id, assignee_id, tags, unread,
                     created_at, updated_at, first_response_at, closed_at, due_at, due_kind,
                     last_text, last_direction, last_at, search_text)
select 100000 + n,
       (array['Sipariş gecikti', 'Broken on arrival', 'İade talebi', 'Where is my order', 'Fatura'])[n % 5 + 1] || ' ' || n,
       case when works then (array['new', 'open', 'open', 'pending', 'on_hold'])[n % 5 + 1] else 'closed' end,
       case when n % 20 = 0 then 4 when n % 7 = 0 then 3 else 2 end, 'email', :inbox, 1000000 + n % :customers + 1,
       inbox.team_id, case when n % 3 > 0 then agent.id end, case when n % 4 = 0 then array['kargo'] else '{}'::text[] end,
       works and n % 2 = 0, at, at + interval '1 hour', case when n % 5 > 0 then at + interval '20 minutes' end,
       case when works then null else at + interval '2 days' end,
       case when works and n % 5 in (0, 1, 2) then now() + ((n % 10000 * 7919) % 2880 - 600) * interval '1 minute' end,
       case when works and n % 5 in (0, 1, 2) then case when n % 5 = 0 then 'first_response' else 'next_response' end end,
       'Merhaba, siparişim hâlâ gelmedi; takip numarası ne zaman belli olur?', 'inbound', at,
       'siparis order ' || n || ' customer ' || n % :customers
from generate_series(cast(:first as int), cast(:last as int)) n
cross join lateral (select (n::bigint * 48271 % 2147483647) % 1000 < :working * 1000 as works,
                           now() - (n * 94) * interval '1 second' as at) shape
cross join (select team_id from inboxes where id = :inbox) inbox
cross join (select min(id) id from agents) agent
"""
DEADLINES = """
insert into deadlines (ticket_id, kind, started_at, due_at)
select id, due_kind, due_at - interval '4 hours', due_at
from tickets where id between 100000 + :first and 100000 + :last and due_at is not null
"""
SAID = (
    """
insert into messages (id, ticket_id, direction, channel, identity_id, subject, text, visible_text, message_id, created_at)
select 10000000 + t.id, t.id, 'inbound', 'email', i.id, t.subject, repeat(t.last_text || ' ', 5), t.last_text,
       t.id || '@bulk.example', t.created_at
from tickets t join identities i on i.customer_id = t.customer_id
where t.id between 100000 + :first and 100000 + :last
""",
    """
insert into entries (id, customer_id, ticket_id, kind, occurred_at, actor_kind, actor_id, message_id, channel, reacted_at)
select 10000000 + id, customer_id, id, 'message', created_at, 'customer', customer_id, 10000000 + id, 'email', now()
from tickets where id between 100000 + :first and 100000 + :last
""",
    """
insert into thread_references (reference, ticket_id)
select id || '@bulk.example', id from tickets where id between 100000 + :first and 100000 + :last
""",
    """
insert into participants (ticket_id, address)
select t.id, i.address from tickets t join identities i on i.customer_id = t.customer_id
where t.id between 100000 + :first and 100000 + :last
""",
)
