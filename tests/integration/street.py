"""A client of the simulated systems that speaks from the documents, not through our adapters."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import orjson
from lxml import etree

from mock_services.people.person import Person
from mock_services.population.soap import BCA, SOAP

CITIZENS = "/csdldc/1.0/congdan"
WORKERS = "/csdldc/1.0/nguoilaodong"


class Street:
    """The four addresses of a ready file, with token and officer's headers."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self.ready = ready
        self.credentials = ready["credentials"]
        names = ("AccessKey", "SecretKey", "AppName", "PartnerCode", "PartnerCodeCus")
        access = base64.b64encode(orjson.dumps({name: self.credentials[name] for name in names})).decode()
        officer = self.credentials["officer"]
        auth_hash = base64.b64encode(f"{officer['keyName']}:{officer['keyPass']}".encode()).decode()
        self.headers = {"lgspaccesstoken": access, "AuthHash": auth_hash}
        self.http = httpx.AsyncClient(timeout=30, trust_env=False)

    async def __aenter__(self) -> Street:
        answer = await self.ask_token()
        self.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def ask_token(self, **headers: str) -> httpx.Response:
        form = {"grant_type": "client_credentials"}
        return await self.http.post(f"{self.ready['platform']}/token", data=form, headers={**self.headers, **headers})

    async def soap(self, path: str, operation: str, inner: str, **headers: str) -> httpx.Response:
        called = f'<{operation} xmlns="{BCA}">{inner}</{operation}>'
        body = f'<e:Envelope xmlns:e="{SOAP}"><e:Body>{called}</e:Body></e:Envelope>'
        sent = {**self.headers, "Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', **headers}
        return await self.http.post(self.ready["population"] + path, content=body.encode(), headers=sent)

    async def population(self, path: str, operation: str, inner: str) -> etree._Element:
        answer = await self.soap(path, operation, inner)
        assert answer.status_code == 200, answer.text
        return etree.fromstring(answer.content)[0][0]

    async def insurance(self, operation: str, body: object) -> dict[str, Any]:
        answer = await self.http.post(
            f"{self.ready['social_insurance']}/apiBHXH/{operation}", json=body, headers=self.headers
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def labour(self, method: str, path: str, body: object = None, **query: object) -> dict[str, Any]:
        url = f"{self.ready['labour_market']}/cungcau/v1/{path}"
        parameters = {name: str(value) for name, value in query.items()}
        answer = await self.http.request(method, url, json=body, params=parameters, headers=self.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def mock(self, system: str, method: str, path: str, body: object = None) -> Any:
        answer = await self.http.request(method, f"{self.ready[system]}/_mock/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


def head(street: Street) -> str:
    """MaYeuCau, MaDVC, MaCanBo of the reconstructed services."""
    officer = street.credentials["officer"]["MaCanBo"]
    return f"<MaYeuCau>yc-1</MaYeuCau><MaDVC>{street.credentials['MaDVC']}</MaDVC><MaCanBo>{officer}</MaCanBo>"


def worker_xml(person: Person, more: str = "") -> str:
    """A person as population wants worker data."""
    digits = person.birth_date.replace("-", "")
    date = f"<NgayThangNam>{digits}</NgayThangNam>" if len(digits) == 8 else f"<Nam>{digits[:4]}</Nam>"
    return (
        f"<NguoiLaoDong><SoDinhDanh>{person.personal_number}</SoDinhDanh><HoVaTen>{person.full_name}</HoVaTen>"
        f"<NgayThangNamSinh>{date}</NgayThangNamSinh><GioiTinh>{person.sex}</GioiTinh>"
        f"<ThuongTru><MaTinhThanh>12</MaTinhThanh><MaPhuongXa>{person.permanent.commune}</MaPhuongXa>"
        f"<ChiTiet>{person.permanent.detail}</ChiTiet></ThuongTru>{more}</NguoiLaoDong>"
    )


def insurance_worker(person: Person, **more: object) -> dict[str, object]:
    """A person as social insurance wants a situation."""
    digits = person.birth_date.replace("-", "")
    return {
        "soDinhDanh": person.personal_number,
        "hoTen": person.full_name,
        "ngaySinh": digits,
        "loaiNgaySinh": {8: "0", 4: "1", 6: "2"}[len(digits)],
        "gioiTinh": person.sex,
        **more,
    }


def labour_worker(person: Person, **more: object) -> dict[str, object]:
    """A person as the labour market wants a worker."""
    return {
        "so_dinh_danh": person.personal_number,
        "ho_ten": person.full_name,
        "ngay_sinh": "/".join(reversed(person.birth_date.split("-"))),
        "gioi_tinh": 1 if person.sex == "1" else 0,
        **more,
    }
