"""The external systems, in one table: to add one, write its adapter and add a line (docs/add-a-system.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import httpx
from pydantic import SecretStr

from adapters.labour_market.adapter import LabourMarketAdapter
from adapters.labour_market.settings import LabourMarketSettings
from adapters.lgsp.outbound import Outbound, origin_of
from adapters.lgsp.settings import CallLimits, PlatformSettings
from adapters.lgsp.token import TokenSource
from adapters.population.adapter import PopulationAdapter
from adapters.population.settings import PopulationSettings
from adapters.social_insurance.adapter import SocialInsuranceAdapter
from adapters.social_insurance.settings import SocialInsuranceSettings
from contracts.adapter_port import SystemAdapter
from contracts.worker import SystemName
from gateway.settings import Settings, TargetSettings, TlsPart

_SILENCE_SHARE: Final = 0.8
"""Silence must be noticed before the whole call's time is up, or the cause would be lost."""


def _limits(settings: Settings, target: TargetSettings) -> CallLimits:
    return CallLimits(
        connect_timeout_s=min(5.0, target.timeout_s),
        silence_timeout_s=target.timeout_s * _SILENCE_SHARE,
        total_timeout_s=target.timeout_s,
        connections_max=target.concurrency_max,
        answer_bytes_max=settings.outbound.answer_bytes_max,
        outbound=outbound(settings, target),
    )


def outbound(settings: Settings, tls: TlsPart) -> Outbound:
    """Where one client's calls may go. Raises ValueError for an origin that is none."""
    said = settings.outbound
    return Outbound(
        development=settings.mode == "development",
        origins=frozenset(origin_of(httpx.URL(one)) for one in said.listed_origins),
        networks=said.listed_networks,
        ca_file=tls.ca_file,
        certificate_file=tls.certificate_file,
        key_file=tls.key_file,
        key_password=None if tls.key_password is None else tls.key_password.get_secret_value(),
    )


def _told(secret: SecretStr | None) -> str:
    assert secret is not None, "checked before anything is built: Settings.missing_secrets"
    return secret.get_secret_value()


def _population(settings: Settings, token: TokenSource) -> SystemAdapter:
    target, asking = settings.targets.population, settings.verification
    said = PopulationSettings(
        base_url=target.base_url,
        officer_number=_told(asking.officer_number),
        key_name=_told(asking.officer_key_name),
        key_pass=_told(asking.officer_key_pass),
        procedure_code=asking.procedure_code,
        # Those who verify and those who send do not wait for each other's connections.
        limits=replace(_limits(settings, target), connections_max=target.concurrency_max + asking.concurrency_max),
    )
    return PopulationAdapter(said, token)


def _social_insurance(settings: Settings, token: TokenSource) -> SystemAdapter:
    target = settings.targets.social_insurance
    return SocialInsuranceAdapter(
        SocialInsuranceSettings(base_url=target.base_url, limits=_limits(settings, target)), token
    )


def _labour_market(settings: Settings, token: TokenSource) -> SystemAdapter:
    target = settings.targets.labour_market
    return LabourMarketAdapter(LabourMarketSettings(base_url=target.base_url, limits=_limits(settings, target)), token)


SYSTEMS: Final[Mapping[SystemName, Callable[[Settings, TokenSource], SystemAdapter]]] = {
    "population": _population,
    "social_insurance": _social_insurance,
    "labour_market": _labour_market,
}


def token_source(settings: Settings) -> TokenSource:
    """The platform's token, shared by the adapters. Raises ValueError for an address that must not be called."""
    platform = settings.platform
    return TokenSource(
        PlatformSettings(
            base_url=platform.base_url,
            outbound=outbound(settings, platform),
            access_key=_told(platform.access_key),
            secret_key=_told(platform.secret_key),
            app_name=platform.app_name,
            partner_code=platform.partner_code,
            partner_code_cus=platform.partner_code_cus,
        )
    )


def build_systems(settings: Settings, token: TokenSource) -> dict[SystemName, SystemAdapter]:
    """All adapters; nothing is opened before their first call. Raises ValueError as `token_source` does."""
    return {name: build(settings, token) for name, build in SYSTEMS.items()}
