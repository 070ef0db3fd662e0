"""The simulated systems as a person sees them: what each holds of somebody, changes made on their side, faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import httpx

SYSTEMS: Final = ("population", "social_insurance", "labour_market")
# What the same thing is called over there; written from the systems' own contracts, not from our mapping.
_NAMES: Final = {
    "population": {"full_name": "HoVaTen", "activity": "TinhTrangHDKT", "workplace_name": "NoiLamViec"},
    "social_insurance": {"full_name": "hoTen", "activity": "tinhTrangViecLam", "workplace_name": "tenDonVi"},
    "labour_market": {"full_name": "ho_ten", "activity": "tinh_trang_hdkt", "workplace_name": "noi_lam_viec"},
}
_PARTICIPATION: Final = {"population": "ThamGiaBHXH", "labour_market": "tham_gia_bhxh"}
_PAGE: Final = 5_000


class Street:
    """Clients of the mocks' own pages."""

    def __init__(self, ready: dict[str, Any]) -> None:
        """`ready`: what the mocks wrote when they were up, with an address per system."""
        self._clients = {name: httpx.Client(base_url=ready[name], timeout=30.0) for name in SYSTEMS}

    def close(self) -> None:
        """Give back connections."""
        for client in self._clients.values():
            client.close()

    def held(self, system: str, number: str) -> dict[str, Any] | None:
        """What a system holds of the worker; None when we never wrote to it."""
        held: dict[str, Any] | None = self._get(system, f"/_mock/people/{number}").get("held")
        return held

    def everybody(self, system: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """(personal number, what is held) of everybody written so far."""
        after = 0
        while True:
            page = self._get(system, "/_mock/people", after=after, limit=_PAGE)
            for one in page["people"]:
                yield one["personal_number"], one["held"]
            if not page["people"] or page["next"] is None:
                return
            after = page["next"]

    def said(self, system: str, held: dict[str, Any]) -> dict[str, Any]:
        """Name, activity and workplace of what is held, under our names."""
        return {ours: held.get(theirs) for ours, theirs in _NAMES[system].items()}

    def participation(self, system: str, number: str) -> object:
        """What a system believes of somebody's insurance."""
        held = self.held(system, number) or {}
        return held.get(_PARTICIPATION[system])

    def start_insurance(self, number: str, month: str) -> None:
        """On the social-insurance side: compulsory insurance begins (month: MM/yyyy)."""
        spell = {
            "loaiHinhThamGia": "BB",
            "thamGiaBhtn": "1",
            "maDonVi": "TA0012A",
            "tenDonVi": "Công ty TNHH Chè Mẫu Tam Đường",
            "tuThang": month,
            "denThang": None,
            "trangThai": "TM",
        }
        body = {"personal_number": number, "participation": spell}
        self._clients["social_insurance"].post("/_mock/people", json=body).raise_for_status()

    def close_for(self, system: str, seconds: float) -> None:
        """Maintenance for so long."""
        fault = {"kind": "maintenance", "for_s": seconds, "retry_after_s": 1}
        self._clients[system].post("/_mock/faults", json=[fault]).raise_for_status()

    def deliveries(self, system: str, number: str) -> int:
        """How many calls have written this person's data."""
        calls = self._get(system, "/_mock/journal", person=number, limit=1_000)
        rows = calls["calls"] if isinstance(calls, dict) else calls
        return sum(1 for call in rows if call["operation"] in _WRITES)

    def _get(self, system: str, path: str, **query: object) -> Any:
        answer = self._clients[system].get(path, params={name: str(value) for name, value in query.items()})
        answer.raise_for_status()
        return answer.json()


_WRITES: Final = frozenset({"CapNhatThongTinLaoDong", "capNhatThongTinNguoiLaoDong", "nguoi-lao-dong"})
