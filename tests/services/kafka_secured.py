"""An Apache Kafka that is spoken with over TLS: one port that wants client certificates, one that wants a login."""

import base64
import json
import time

from streams.embedded import LOOPBACK, free_port
from streams.kafka_python import module
from tests.services.certificates import Authority
from tests.services.kafka import KafkaServer

USER = "wardwatch"
GUEST = "guest"
"""A user of `PLAIN` who may log in, and nothing more."""
PASSWORD = "hunter2=a-long-one"
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER")
LOGIN_MODULES = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "OAUTHBEARER": "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule",
}


class SecuredKafka(KafkaServer):
    """A broker whose certificate is for 127.0.0.1 only, beside its port in the clear.

    Attributes:
        authority: of the broker's certificate, and of the client certificates that it takes.
        tls: address that wants a client certificate.
        login: address that wants a login by one of `MECHANISMS`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.authority = Authority(self.folder)
        self.tls, self.login = f"{LOOPBACK}:{free_port()}", f"{LOOPBACK}:{free_port()}"

    def start(self) -> str:
        """Start the broker, and allow everything to everybody but the guest."""
        super().start()
        admin = module("kafka.admin")
        client = admin.KafkaAdminClient(bootstrap_servers=self.bootstrap)
        kinds = admin.ResourceType
        everything = ((kinds.TOPIC, "*"), (kinds.GROUP, "*"), (kinds.CLUSTER, "kafka-cluster"))
        rights = admin.ACLPermissionType
        try:
            made = client.create_acls(
                [
                    admin.ACL(f"User:{user}", "*", admin.ACLOperation.ALL, right, admin.ResourcePattern(kind, name))
                    for kind, name in everything
                    for user, right in (("*", rights.ALLOW), (GUEST, rights.DENY))
                ]
            )
        finally:
            client.close()
        assert not made["failed"], made
        return self.bootstrap

    def _settings(self) -> dict[str, str]:
        plain = super()._settings()
        ours = f",TLS://{self.tls},LOGIN://{self.login}"
        issued = self.authority.issue("broker", LOOPBACK)
        store = self.folder / "broker.pem"
        store.write_bytes(issued.key.read_bytes() + issued.certificate.read_bytes())
        return plain | {
            "listeners": plain["listeners"] + ours,
            "advertised.listeners": plain["advertised.listeners"] + ours,
            "listener.security.protocol.map": plain["listener.security.protocol.map"] + ",TLS:SSL,LOGIN:SASL_SSL",
            "inter.broker.listener.name": "PLAINTEXT",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(store),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority.pem),
            "listener.name.tls.ssl.client.auth": "required",
            "listener.name.login.sasl.enabled.mechanisms": ",".join(MECHANISMS),
            # Clients have to log in again after so long: ours do it by a new connection.
            "listener.name.login.oauthbearer.connections.max.reauth.ms": "2000",
            **{
                f"listener.name.login.{mechanism.lower()}.sasl.jaas.config": f"{module} required{options};"
                for mechanism, module in LOGIN_MODULES.items()
                for options in (_plain_users() if mechanism == "PLAIN" else "",)
            },
        }

    def _format_options(self) -> list[str]:
        scram = [name for name in MECHANISMS if name.startswith("SCRAM")]
        return [f"--add-scram={name}=[name={USER},password={PASSWORD}]" for name in scram]


def _plain_users() -> str:
    return "".join(f' user_{user}="{PASSWORD}"' for user in (USER, GUEST))


def token(*, seconds: float = 3600.0) -> str:
    """Return an unsecured access token (RFC 7515, appendix A.5), which Kafka takes where nothing else is configured."""
    now = time.time()
    return f"{_encoded(alg='none')}.{_encoded(sub=USER, iat=now - 1, exp=now + seconds)}."


def _encoded(**part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
