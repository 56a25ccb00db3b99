"""Who acted, and from where: the agents of an AuditEvent (domain.md §1.6).

Never the first agent: the one who requested, then the one whose type says user, then the one whose role says client.
"""

from typing import Literal

from detectors.events import BadRecord
from detectors.events.access import Action, Actor, Client
from streams.sources.atna.values import (
    APPLICATION,
    DESTINATION,
    SOURCE,
    SYSTEM_ROLES,
    bare_identifier,
    canonical_ip,
    client_role,
    few,
    short,
)
from streams.sources.fhir.directory import NPI, NPI_DIGITS
from streams.sources.fhir.elements import (
    Code,
    Concept,
    Element,
    Reference,
    identity,
    split_reference,
)

_USERS = ("IRCP", "AUT", "UserOauthAgent", "UserSamlAgent", "humanuser")
"""Types of an agent who is a user: v3-ParticipationType, IHE BALP, extra-security-role-type."""

_SYSTEMS = SYSTEM_ROLES | {"authserver", "dataprocessor"}

_USER_TYPES = frozenset(_USERS)

_TOKEN_HOLDERS = frozenset({"UserOauthAgent", "UserSamlAgent", "IRCP"})
_TOKEN_PREFIX = "urn:ietf:params:oauth:jti:"  # noqa: S105 - a URN (RFC 3553)

_MACHINES = ("1", "2")
"""Network types of a machine, by name or address."""

_ACTOR_TYPES: dict[str, Literal["human", "service", "patient", "proxy"]] = {
    "Device": "service",
    "Organization": "service",
    "Patient": "patient",
    "Person": "human",
    "Practitioner": "human",
    "PractitionerRole": "human",
    "RelatedPerson": "proxy",
}
"""Resource type of `agent.who` to the type of an actor."""


class Network(Element, kw_only=True, frozen=True):
    """Where an agent was: 1 machine name, 2 IP address, 3 telephone, 4 e-mail, 5 URI."""

    address: Code = ""
    type: Literal["1", "2", "3", "4", "5"] | None = None


class Agent(Element, kw_only=True, frozen=True):
    """A person or system that took part."""

    requestor: bool
    type: Concept = Concept()
    role: tuple[Concept, ...] = ()
    who: Reference = Reference()
    alt_id: str = ""
    name: str = ""
    policy: tuple[str, ...] = ()
    network: Network = Network()
    purpose_of_use: tuple[Concept, ...] = ()

    def codes(self) -> list[str]:
        """The codes of its type, in any system."""
        return [coding.code for coding in self.type.coding]

    def token(self) -> str:
        """The access token by which a user acted, "" where `policy` is none but a policy, such as a consent."""
        if not self.policy or _TOKEN_HOLDERS.isdisjoint(self.codes()):
            return ""
        return self.policy[0].removeprefix(_TOKEN_PREFIX)[:256]


Cast = list[tuple[Agent, list[str]]]
"""The agents of a record, each with the codes of its type."""


def cast_of(agents: tuple[Agent, ...]) -> Cast:
    """Return the agents with the codes of their types."""
    return [(agent, agent.codes()) for agent in agents]


def requestor_of(cast: Cast, action: Action) -> tuple[Actor, Agent]:
    """Return who acted, as an actor and as the agent.

    Raises:
        BadRecord: `missing_actor` where no agent can be named.
    """
    asking = [part for part in cast if part[0].requestor]
    for agent, codes in asking if len(asking) == 1 else _by_likelihood(cast, action):
        name = _id_of(agent)
        if name:
            return _actor(agent, codes, name), agent
    if len(asking) == 1:
        return requestor_of([part for part in cast if not part[0].requestor], action)
    raise BadRecord("missing_actor", "agent")


def _by_likelihood(cast: Cast, action: Action) -> Cast:
    """Return the agents, who most likely acted first: requestors, users, clients; of these, users first."""
    ranks = {code: rank for rank, code in enumerate((*_USERS, client_role(action), APPLICATION))}

    def rank(part: tuple[Agent, list[str]]) -> tuple[bool, int]:
        agent, codes = part
        return not agent.requestor, min((ranks[code] for code in codes if code in ranks), default=len(ranks))

    return sorted(cast, key=rank)


def _actor(agent: Agent, codes: list[str], name: str) -> Actor:
    identifier = agent.who.identifier
    return Actor(
        id=name,
        type=_type_of(agent, codes),
        roles=few((concept.code or concept.text[:256] for concept in agent.role), "agent.role") if agent.role else [],
        npi=identifier.value if identifier.system == NPI and len(identifier.value) == NPI_DIGITS else "",
    )


def client_of(cast: Cast, requestor: Agent, action: Action) -> Client | None:
    """Return the machine and the application: users have no network in BALP, their client has.

    Where there is no client, the other end counts if it is a machine: records older than BALP name the workstation as
    the source of whatever was done. A server is known by its URI.
    """
    ip = workstation = app = ""
    role = client_role(action)
    applications = [agent for agent, codes in cast if APPLICATION in codes]
    clients = [agent for agent, codes in cast if role in codes]
    others = [agent for agent, codes in cast if SOURCE in codes or DESTINATION in codes]
    for agent in (requestor, *applications, *clients, *others):
        network = agent.network
        if network.address and network.type in _MACHINES:
            ip = canonical_ip(network.address)
            workstation = "" if ip else network.address
            break
    for agent in (*applications, *clients):
        if agent is not requestor:
            app = _id_of(agent)
            break
    return Client(ip=ip, workstation=workstation, app=app) if ip or workstation or app else None


def _id_of(agent: Agent) -> str:
    """Return what names an agent: an account or business identifier first, it is what other sources know.

    Who minimal records know by their access token alone is named by it: a person, though not known which.
    """
    value = agent.who.identifier.value
    found = (bare_identifier(value) if value else "") or identity(agent.who, "agent.who")
    return short(found or agent.alt_id.strip() or agent.name.strip() or agent.token(), "agent")


def _type_of(agent: Agent, codes: list[str]) -> Literal["human", "service", "patient", "proxy"]:
    resource = agent.who.type or split_reference(agent.who.reference)[0]
    if resource in _ACTOR_TYPES:
        return _ACTOR_TYPES[resource]
    is_user = not _USER_TYPES.isdisjoint(codes)
    return "service" if not is_user and not agent.name and not _SYSTEMS.isdisjoint(codes) else "human"
