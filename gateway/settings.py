"""Settings: from the environment (`LGSP_…`, nested by `__`), secret files and a TOML file; frozen, bounded, units last.

`lgsp doctor` prints them with secrets masked and says where each came from. Nothing else reads the environment.
"""

from __future__ import annotations

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

FILE_VARIABLE = "LGSP_SETTINGS_FILE"
SECRETS_VARIABLE = "LGSP_SECRETS_DIR"
DEFAULT_FILE = "lgsp.toml"


_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not listened on
_TOKEN_LENGTH_MIN = 32


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TlsPart(_Part):
    """How the other side proves who it is, and we to it."""

    ca_file: Path | None = Field(None, description="Authorities that sign its certificate (PEM)")
    certificate_file: Path | None = Field(None, description="Our certificate, where it asks for one (PEM)")
    key_file: Path | None = Field(None, description="Key of our certificate (PEM)")
    key_password: SecretStr | None = Field(None, description="Password of that key")

    @model_validator(mode="after")
    def _certificate_has_its_key(self) -> Self:
        if (self.key_file is None) != (self.certificate_file is None):
            raise ValueError("certificate_file and key_file belong together")
        return self


class DatabaseSettings(TlsPart):
    """Where the store is. With `ca_file` PostgreSQL is reached by TLS alone, its certificate and name verified."""

    url: str = Field(
        "sqlite:///.lgsp/lgsp.sqlite3", description="SQLAlchemy URL: sqlite:///file or postgresql+psycopg://"
    )

    @model_validator(mode="after")
    def _certificates_are_for_postgresql(self) -> Self:
        if self.ca_file is not None and not self.url.startswith("postgresql"):
            raise ValueError("database.ca_file is for PostgreSQL; database.url names something else")
        if self.certificate_file is not None and self.ca_file is None:
            raise ValueError("database.certificate_file needs database.ca_file: the server is verified first")
        return self


class KeySettings(_Part):
    """The house keys."""

    file: Path = Field(
        Path(".lgsp/keys.json"), description="Key file; made on the first start, readable by its owner only"
    )
    text: SecretStr | None = Field(
        None, description="Instead of a file: what it would hold, as a secret store puts it into the environment"
    )
    erasures: Path | None = Field(
        None,
        description="Ledger of people who were erased, as keyed hashes; erasures.jsonl beside the key file unless "
        "set. Keep it outside the backups of the database: after a restore it says who must not come back",
    )

    @property
    def ledger(self) -> Path:
        """The erasure ledger."""
        return self.erasures or self.file.with_name("erasures.jsonl")


class HttpSettings(_Part):
    """The HTTP door. It listens on loopback; elsewhere, as a container must, only with a token that is set and long."""

    host: Literal["127.0.0.1", "::1", "localhost", "0.0.0.0", "::"] = Field(  # noqa: S104 - only with a token, see below
        "127.0.0.1", description="Address to listen on; 0.0.0.0 and :: need http.token of at least 32 characters"
    )
    port: int = Field(8080, ge=0, le=65_535, description="Port; 0 = any free one")
    token: SecretStr | None = Field(None, description="Bearer token; made and written to token_file when not set")
    token_file: Path = Field(Path(".lgsp/token"), description="Where the token is written for the CLI of the same user")
    body_bytes_max: int = Field(16 * 1024 * 1024, ge=1_024, description="Largest request body, bytes")
    body_timeout_s: float = Field(30.0, gt=0, le=300, description="A body must have arrived within this time")

    @model_validator(mode="after")
    def _open_only_with_a_token(self) -> Self:
        given = "" if self.token is None else self.token.get_secret_value()
        if self.host in _EVERYWHERE and len(given) < _TOKEN_LENGTH_MIN:
            raise ValueError(f"http.host {self.host} needs http.token of at least {_TOKEN_LENGTH_MIN} characters")
        return self


class CallersPart(_Part):
    """Who may call, and how programs get tokens."""

    issuer: str = Field(
        "urn:lgsp:laichau:connector", min_length=1, description="Our name in tokens; the audience of assertions"
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^/?#\s]+$",
        description="Our address as clients write it in proofs, where a proxy ends TLS; default: as the request has it",
    )
    token_lifetime_s: int = Field(300, ge=30, le=300, description="Life of a token of the strong profile (DPoP)")
    installation_token: bool = Field(
        True, description="Whether http.token lets in; false once two administrators have keys of their own"
    )
    lgsp_tokens: bool = Field(True, description="POST /token with lgspaccesstoken; false switches it off")
    lgsp_token_lifetime_s: int = Field(3_600, ge=30, le=3_600, description="Life of a token of the LGSP profile")
    known_for_s: float = Field(
        5.0, gt=1, le=5, description="Without the database, callers are let in for so long, then answered 503"
    )


class IntakePart(_Part):
    """Group commit."""

    slice_size_max: int = Field(256, ge=1, le=1_000, description="Entries per commit")
    writers: int = Field(2, ge=1, le=8, description="Writers on PostgreSQL; SQLite always has one")
    wait_s_max: float = Field(
        3.0, ge=0.05, le=60, description="Entries that would wait longer for their commit are answered 503 at once"
    )
    pending_age_max_s: float = Field(
        86_400,
        gt=0,
        le=2_592_000,
        description="Entries are answered 503 once an event has waited so long for the stream",
    )


class OutboundPart(_Part):
    """Calls to other systems. Outside development they need https, and private addresses only as named here."""

    origins: str = Field(
        "", description="Origins that may be called, https://host:port,…; default: those of the systems set below"
    )
    private_networks: str = Field(
        "", description="Networks of private addresses that may be called outside development, 10.20.0.0/16,…"
    )
    answer_bytes_max: int = Field(
        16 * 1024 * 1024, ge=64 * 1024, le=256 * 1024 * 1024, description="Largest answer that is read, bytes"
    )

    @model_validator(mode="after")
    def _networks_are_networks(self) -> Self:
        for network in self.listed_networks:
            if network.is_loopback or network.is_link_local or network.prefixlen == 0:
                raise ValueError(f"outbound.private_networks: {network} is no network of other systems")
        return self

    @property
    def listed_origins(self) -> tuple[str, ...]:
        """One by one."""
        return _listed(self.origins)

    @property
    def listed_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """One by one. Raises ValueError, but not once these settings exist."""
        return tuple(map(ip_network, _listed(self.private_networks)))


class PlatformSettings(TlsPart):
    """The LGSP platform: token by POST /token with the lgspaccesstoken header."""

    base_url: str = Field("http://127.0.0.1:9701", description="Platform address")
    access_key: SecretStr | None = Field(None, description="AccessKey issued by the platform")
    secret_key: SecretStr | None = Field(None, description="SecretKey issued by the platform")
    app_name: str = Field("LGSP Connector", description="AppName registered with the platform")
    partner_code: str = Field("H35", description="PartnerCode: the agency's electronic id")
    partner_code_cus: str = Field("H35", description="PartnerCodeCus: the unit on whose behalf we call")


class TargetSettings(TlsPart):
    """One external system."""

    enabled: bool = Field(True, description="Send to it at all; what changed meanwhile is sent once it is switched on")
    base_url: str = Field(description="Address of the system's services")
    waits_for_identity: bool = Field(description="Send only records whose identity the population database confirmed")
    timeout_s: float = Field(10.0, gt=0, le=120, description="One call takes at most this long")
    concurrency_max: int = Field(4, ge=1, le=64, description="Calls under way at once")
    rate_per_s_max: float = Field(0, ge=0, description="Calls per second; 0 = no limit of ours")


class TargetsSettings(_Part):
    """The three systems."""

    population: TargetSettings = TargetSettings(base_url="http://127.0.0.1:9702", waits_for_identity=True)
    social_insurance: TargetSettings = TargetSettings(base_url="http://127.0.0.1:9703", waits_for_identity=True)
    labour_market: TargetSettings = TargetSettings(base_url="http://127.0.0.1:9704", waits_for_identity=False)


class VerificationPart(_Part):
    """Asking the population system who a person is."""

    enabled: bool = Field(True, description="Ask at all")
    concurrency_max: int = Field(16, ge=1, le=128, description="Questions under way at once")
    officer_number: SecretStr | None = Field(
        None, description="MaCanBo: personal number of the officer on whose behalf is asked"
    )
    officer_key_name: SecretStr | None = Field(None, description="keyName of the officer's account")
    officer_key_pass: SecretStr | None = Field(None, description="keyPass of the officer's account")
    procedure_code: str = Field("", description="MaDVC: procedure licensed to use the population database")


class BreakerPart(_Part):
    """When a system does not answer: how soon it is left alone, and for how long."""

    breaker_failures: int = Field(5, ge=1, le=100, description="Failed calls in a row that open the circuit breaker")
    breaker_open_s: float = Field(2.0, gt=0, le=3_600, description="How long an open breaker rests before a probe")
    breaker_open_longest_s: float = Field(15.0, gt=0, le=3_600, description="Longest rest after failed probes")

    @model_validator(mode="after")
    def _rests_grow(self) -> Self:
        if self.breaker_open_s > self.breaker_open_longest_s:
            raise ValueError("breaker_open_s must not exceed breaker_open_longest_s")
        return self


class CapturePart(BreakerPart):
    """Hearing what changed in the three systems."""

    enabled: bool = Field(True, description="Poll the change feeds")
    interval_s: float = Field(2.0, gt=0, le=3_600, description="Pause between two polls of one feed")
    page_size_max: int = Field(200, ge=1, le=1_000, description="Changes per page")
    breaker_failures: int = Field(1, ge=1, le=100, description="Failed polls in a row that open the circuit breaker")


class PropagationPart(BreakerPart):
    """Sending records to the systems."""

    backoff_first_s: float = Field(0.5, gt=0, le=60, description="First wait after a failure, at most")
    backoff_longest_s: float = Field(30.0, gt=0, le=86_400, description="Longest wait between attempts")


class StreamPart(_Part):
    """What carries events from the relay to those who read them."""

    kind: Literal["auto", "embedded", "kafka"] = Field(
        "auto", description="embedded: tables of the database; auto: Kafka if kafka.bootstrap_servers is set"
    )


class KafkaPart(_Part):
    """Apache Kafka."""

    bootstrap_servers: str = Field("", description="Brokers, host:port,host:port")
    client_id: str = Field("lgsp", min_length=1, description="Name that brokers log for us")
    group_prefix: str = Field("lgsp.", description="Stands before each consumer group's name")
    instance_id: str | None = Field(
        None, min_length=1, description="Name of this process, the same at each start: no rebalance after a restart"
    )
    replication: int | None = Field(None, ge=1, le=9, description="Replicas per topic; default: contracts/topics.csv")
    request_timeout_s: float = Field(10.0, ge=1, le=120, description="Longest wait for an answer of a broker")
    session_timeout_s: float = Field(10.0, ge=6, le=300, description="When a silent reader's partitions go to others")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="SSL encrypts, SASL asks for user name and password"
    )
    ca_file: Path | None = Field(None, description="Authorities that sign brokers (PEM); default: the machine's own")
    certificate_file: Path | None = Field(None, description="Our certificate, where brokers ask for one (PEM)")
    key_file: Path | None = Field(None, description="Key of our certificate (PEM)")
    key_password: SecretStr | None = Field(None, description="Password of that key")
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="How the password is proved"
    )
    username: str | None = Field(None, description="User name at the brokers")
    password: SecretStr | None = Field(None, description="Password at the brokers")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.security_protocol.startswith("SASL") and (self.username is None or self.password is None):
            raise ValueError(f"{self.security_protocol} needs kafka.username and kafka.password")
        if (self.key_file is None) != (self.certificate_file is None):
            raise ValueError("kafka.certificate_file and kafka.key_file belong together")
        return self


class QualityPart(_Part):
    """Overrides of gateway/quality/criteria.toml."""

    criteria_file: Path | None = Field(
        None, description="Own criteria and thresholds (TOML); default: the shipped ones"
    )


class LogSettings(_Part):
    """Logs go to standard error, one line each."""

    format: Literal["console", "json"] = Field("console", description="console for people, json for collectors")
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Lowest level that is written")


class WatchPart(_Part):
    """Proof that it arrived: versions are compared from the store over the topic to every target."""

    enabled: bool = Field(True, description="Watch all the time")
    grace_s: float = Field(60.0, gt=0, le=86_400, description="What is younger may still be on its way")


class MetricsPart(_Part):
    """Prometheus reads `/metrics` on an address of its own, which the public door never shows."""

    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on")
    port: int | None = Field(None, ge=1, le=65_535, description="Port of this process; not set: not served")


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix="LGSP_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        nested_model_default_partial_update=True,
    )

    mode: Literal["development", "production"] = Field(
        "development", description="production: what is only fit for trying things out is refused"
    )
    database: DatabaseSettings = DatabaseSettings()
    keys: KeySettings = KeySettings()
    http: HttpSettings = HttpSettings()
    callers: CallersPart = CallersPart()
    intake: IntakePart = IntakePart()
    outbound: OutboundPart = OutboundPart()
    platform: PlatformSettings = PlatformSettings()
    targets: TargetsSettings = TargetsSettings()
    verification: VerificationPart = VerificationPart()
    capture: CapturePart = CapturePart()
    propagation: PropagationPart = PropagationPart()
    stream: StreamPart = StreamPart()
    kafka: KafkaPart = KafkaPart()
    quality: QualityPart = QualityPart()
    log: LogSettings = LogSettings()
    watch: WatchPart = WatchPart()
    metrics: MetricsPart = MetricsPart()

    @model_validator(mode="after")
    def _stream_can_be_reached(self) -> Self:
        if self.stream.kind == "kafka" and not self.kafka.bootstrap_servers:
            raise ValueError("stream.kind is kafka, but kafka.bootstrap_servers is not set")
        return self

    @property
    def uses_kafka(self) -> bool:
        """Whether events are carried by Kafka, not by the database's own tables."""
        return self.stream.kind == "kafka" or (self.stream.kind == "auto" and bool(self.kafka.bootstrap_servers))

    def missing_secrets(self) -> tuple[str, ...]:
        """The variables without which nobody can be called; secrets have no defaults."""
        platform, asking = self.platform, self.verification
        needed = {
            "LGSP_PLATFORM__ACCESS_KEY": platform.access_key,
            "LGSP_PLATFORM__SECRET_KEY": platform.secret_key,
            "LGSP_VERIFICATION__OFFICER_NUMBER": asking.officer_number,
            "LGSP_VERIFICATION__OFFICER_KEY_NAME": asking.officer_key_name,
            "LGSP_VERIFICATION__OFFICER_KEY_PASS": asking.officer_key_pass,
        }
        return tuple(name for name, value in needed.items() if value is None)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of belief: arguments, environment, secret files, file."""
        file = Path(os.environ.get(FILE_VARIABLE, DEFAULT_FILE))
        secrets = NestedSecretsSettingsSource(
            file_secret_settings,
            secrets_dir=os.environ.get(SECRETS_VARIABLE),
            secrets_dir_missing="error",
            secrets_prefix="lgsp_",
            secrets_nested_delimiter="__",
        )
        return init_settings, env_settings, secrets, TomlConfigSettingsSource(settings_cls, toml_file=file)
