"""The simulated systems over real HTTP: what they take, hold, tell and refuse."""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson
import pytest
import pytest_asyncio

from mock_services.people.world import World
from mock_services.specifications import json_schema
from mock_services.street import PortTaken, StreetPlan, served
from tests.integration.street import CITIZENS, WORKERS, Street, head, insurance_worker, labour_worker, worker_xml

SIZE = 400
WORLD = World(SIZE, 7)
PEOPLE = [person for person in WORLD if WORLD.seen_by("population", person).known]
AGREED = [
    person
    for person in PEOPLE
    if WORLD.seen_by("population", person).birth_date == person.birth_date
    and WORLD.seen_by("population", person).name_parts[0] == person.surname
]
CHANGES = "<MaYeuCau>1</MaYeuCau><MaCanBo>012080999999</MaCanBo><TuNgay>0</TuNgay><DenNgay>9999999999999</DenNgay>"
PLAN = StreetPlan(people=SIZE, seed=7, ports=(0, 0, 0, 0))


@pytest_asyncio.fixture
async def street() -> AsyncIterator[Street]:
    async with served(PLAN) as ready, Street(ready) as client:
        yield client


def _text(element: object, name: str) -> str:
    found = next(element.iter(f"{{*}}{name}"))  # type: ignore[attr-defined]  # an lxml element
    return str(found.text)


async def test_a_token_opens_all_systems_and_nothing_opens_without(street: Street) -> None:
    answer = await street.ask_token()
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 3600
    for system, path in (("population", WORKERS), ("social_insurance", "/apiBHXH/layThayDoi")):
        refused = await street.http.post(street.ready[system] + path, content=b"{}")
        assert refused.status_code == 401
        assert "900902" in refused.text
    forged = {**street.headers, "Authorization": street.headers["Authorization"] + "0"}
    refused = await street.http.get(f"{street.ready['labour_market']}/cungcau/v1/trang-thai", headers=forged)
    assert (refused.status_code, refused.json()["fault"]["code"]) == (401, 900901)


async def test_a_token_asked_with_a_wrong_secret_is_refused(street: Street) -> None:
    answer = await street.ask_token(lgspaccesstoken="e30=")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_token_expires() -> None:
    plan = StreetPlan(people=1, ports=(0, 0, 0, 0), token_expires_in_s=0)
    async with served(plan) as ready, Street(ready) as client:
        url = f"{ready['labour_market']}/cungcau/v1/trang-thai"
        assert (await client.http.get(url, headers=client.headers)).status_code == 401


async def test_shared_categories_tell_a_duplicate_in_a_200_answer(street: Street) -> None:
    url = f"{street.ready['platform']}/dmdc/Category/donvihanhchinhcap3"
    assert len((await street.http.get(url, headers=street.headers)).json()) == 38
    refused = await street.http.post(url, json=[{"MA": "03388", "TEN": "x"}], headers=street.headers)
    assert refused.status_code == 200
    assert refused.json() == {"MSG": "Data not insert: Record 1: MA is duplicate", "Count": 0}


async def test_033_and_037_tell_who_exists(street: Street) -> None:
    person = AGREED[0]
    who = f"<SoDinhDanh>{person.personal_number}</SoDinhDanh><HoVaTen>{person.full_name.upper()}</HoVaTen>"
    request = f"<MaYeuCau>1</MaYeuCau><MaTichHop>033</MaTichHop><MaCanBo>012080999999</MaCanBo>{who}"
    assert _text(await street.population(CITIZENS, "XacThucThongTinCongDan", request), "TonTai") == "true"
    day = person.birth_date.replace("-", "")
    date = f"<NgayThangNam>{day}</NgayThangNam>" if len(day) == 8 else f"<Nam>{day[:4]}</Nam>"
    asked = (
        f"<MaYeuCau>1</MaYeuCau><MaDVC>2.002307</MaDVC><MaTichHop>037</MaTichHop><MaCanBo>012080999999</MaCanBo>{who}"
    )
    found = await street.population(
        CITIZENS, "TraCuuThongTinCongDan", f"{asked}<NgayThangNamSinh>{date}</NgayThangNamSinh>"
    )
    assert _text(found, "SoDinhDanh") == person.personal_number
    other = "<NgayThangNamSinh><Nam>1901</Nam></NgayThangNamSinh>"
    nobody = await street.population(CITIZENS, "TraCuuThongTinCongDan", asked + other)
    assert nobody[0].get("SoCongDan") == "0"
    assert len(nobody[0]) == 0


async def test_rights_are_refused_inside_a_200_answer(street: Street) -> None:
    unlicensed = head(street).replace(street.credentials["MaDVC"], "")
    answer = await street.soap(WORKERS, "CapNhatThongTinLaoDong", unlicensed + worker_xml(AGREED[0]))
    assert (answer.status_code, "<errorCode>004</errorCode>" in answer.text) == (200, True)
    answer = await street.soap(WORKERS, "CapNhatThongTinLaoDong", head(street) + worker_xml(AGREED[0]), AuthHash="eDp5")
    assert (answer.status_code, "<errorCode>005</errorCode>" in answer.text) == (200, True)


async def test_a_message_that_breaks_the_schema_is_a_fault_and_stores_nothing(street: Street) -> None:
    broken = worker_xml(AGREED[1]).replace("<GioiTinh>", "<GioiTinh>9")
    answer = await street.soap(WORKERS, "CapNhatThongTinLaoDong", head(street) + worker_xml(AGREED[0]) + broken)
    assert answer.status_code == 500
    assert "soapenv:Client" in answer.text
    assert AGREED[1].full_name not in answer.text
    assert (await street.mock("population", "GET", "health"))["held"] == 0


async def test_population_answers_each_person_of_a_batch(street: Street) -> None:
    well, contradicting, misplaced = AGREED[:3]
    stranger = AGREED[3]
    inner = (
        worker_xml(well, "<TinhTrangHDKT>3</TinhTrangHDKT><LyDoKhongThamGia>1</LyDoKhongThamGia>")
        + worker_xml(contradicting, "<TinhTrangHDKT>2</TinhTrangHDKT><NoiLamViec>Trường Mẫu</NoiLamViec>")
        + worker_xml(misplaced).replace(f">{misplaced.permanent.commune}<", ">99999<")
        + worker_xml(stranger).replace(stranger.personal_number, "012099000001")
        + worker_xml(stranger).replace(stranger.full_name, "Người Khác")
    )
    response = await street.population(WORKERS, "CapNhatThongTinLaoDong", head(street) + inner)
    assert [code.text for code in response.iter("{*}MaKetQua")] == ["00", "03", "04", "01", "02"]
    read = await street.population(
        WORKERS, "TraCuuThongTinLaoDong", f"{head(street)}<SoDinhDanh>{well.personal_number}</SoDinhDanh>"
    )
    assert _text(read, "LyDoKhongThamGia") == "1"
    held = await street.mock("population", "GET", f"people/{well.personal_number}")
    assert held["held"]["HoVaTen"] == well.full_name


async def test_population_s_feed_echoes_writes_and_tells_changes_of_its_own(street: Street) -> None:
    first, second = AGREED[:2]
    await street.population(WORKERS, "CapNhatThongTinLaoDong", head(street) + worker_xml(first) + worker_xml(second))
    await street.mock(
        "population",
        "POST",
        "people",
        {"personal_number": first.personal_number, "citizen": {"HoVaTen": {"Ten": "Tên Mới"}}},
    )
    page = f"{CHANGES}<Loai>0</Loai><Trang>1</Trang><SoBanGhi>2</SoBanGhi>"
    response = await street.population(WORKERS, "LayThayDoi", page)
    assert (_text(response, "TongSo"), len(list(response.iter("{*}CongDan")))) == ("3", 2)
    seen = _text(list(response.iter("{*}CongDan"))[1], "MaThayDoi")
    last = await street.population(WORKERS, "LayThayDoi", f"{page}<SauMa>{seen}</SauMa>")
    body = orjson.loads(_text(last, "Body"))
    assert json_schema("population", "nguoilaodong_body.schema.json")(body) is None
    assert (_text(last, "TongSo"), _text(last, "Loai")) == ("1", "1")
    assert body["CongDan"]["HoVaTen"] == {"Ten": "Tên Mới"}
    only_workers = f"{CHANGES}<Loai>2</Loai><Trang>2</Trang><SoBanGhi>1</SoBanGhi>"
    response = await street.population(WORKERS, "LayThayDoi", only_workers)
    assert (_text(response, "TongSo"), _text(response, "SoDinhDanh")) == ("2", second.personal_number)


async def test_social_insurance_look_ups_agree_with_each_other(street: Street) -> None:
    person = next(one for one in WORLD if one.social_insurance_number is not None)
    found = await street.insurance("getTraCuuTtHgdByMaSoBhxh", {"maSoBhxh": person.social_insurance_number})
    assert found["trangThai"] == "1"
    criteria = {name: found[name] for name in ("hoTen", "ngaySinh", "loaiNgaySinh", "gioiTinh")}
    number = await street.insurance("getMaSoBhxhTheoTieuChi", {**criteria, "isKs": "0"})
    assert (number["errorCode"], number["maSoBhxh"]) == ("00", person.social_insurance_number)
    household = await street.insurance("getTraCuuThongTinHgd", criteria)
    assert household["maSo"] == person.social_insurance_number
    nobody = await street.insurance("getTraCuuTtHgdByMaSoBhxh", {"maSoBhxh": "0000000000"})
    assert (nobody["trangThai"], nobody["hoTen"]) == ("0", None)


async def test_social_insurance_judges_items_one_by_one_and_echoes(street: Street) -> None:
    insured = next(one for one in WORLD if one.social_insurance_number is not None)
    other = next(one for one in WORLD if one.index != insured.index)
    items = [
        insurance_worker(insured, maSoBhxh=insured.social_insurance_number, tinhTrangViecLam="3"),
        insurance_worker(other, maSoBhxh=insured.social_insurance_number),
        {**insurance_worker(other), "gioiTinh": "Nam"},
        insurance_worker(other, tinhTrangViecLam="2", tenDonVi="Trường Mẫu"),
    ]
    answer = await street.insurance("capNhatThongTinNguoiLaoDong", {"maYeuCau": "1", "nguoiLaoDong": items})
    assert [one["maKetQua"] for one in answer["result"]] == ["00", "04", "03", "03"]
    numbers = {"maYeuCau": "1", "soDinhDanh": [other.personal_number, insured.personal_number]}
    read = await street.insurance("traCuuThongTinNguoiLaoDong", numbers)
    assert [row["nguoiLaoDong"] for row in read["result"]] == [None, items[0]]
    changes = (await street.insurance("layThayDoi", {"tuMa": "", "soBanGhi": 10}))["result"]
    assert [row["nguoiLaoDong"] for row in changes["data"]] == [items[0]]
    assert changes["conTiep"] is False


async def test_a_participation_changed_over_there_is_told_and_kept(street: Street) -> None:
    person = next(one for one in WORLD if one.social_insurance_number is None)
    await street.insurance(
        "capNhatThongTinNguoiLaoDong",
        {"maYeuCau": "1", "nguoiLaoDong": [insurance_worker(person, loaiHinhThamGia="0")]},
    )
    spell = {"loaiHinhThamGia": "BB", "maDonVi": "6299990000", "tenDonVi": "Công ty Mẫu", "tuThang": "07/2026"}
    await street.mock(
        "social_insurance", "POST", "people", {"personal_number": person.personal_number, "participation": spell}
    )
    changes = (await street.insurance("layThayDoi", {"tuMa": "", "soBanGhi": 10}))["result"]["data"]
    assert [row["quaTrinh"] is None for row in changes] == [True, False]
    assert changes[1]["nguoiLaoDong"]["loaiHinhThamGia"] == "BB"
    later = await street.insurance("layThayDoi", {"tuMa": changes[1]["maThayDoi"], "soBanGhi": 10})
    assert later["result"]["data"] == []
    history = await street.insurance("getQuaTrinhThamGia", {"soDinhDanh": person.personal_number})
    assert history["result"]["quaTrinh"][0]["tuThang"] == "07/2026"
    assert history["result"]["maSoBhxh"] == changes[1]["maSoBhxh"]


async def test_the_labour_market_writes_reads_and_echoes(street: Street) -> None:
    first, second = PEOPLE[:2]
    items = [
        labour_worker(first, tinh_trang_hdkt="2", thoi_gian_that_nghiep="1", nhu_cau_tim_viec=True),
        labour_worker(second, tinh_trang_hdkt="2", noi_lam_viec="Trường Mẫu"),
        labour_worker(second, gioi_tinh="Nam"),
    ]
    answer = await street.labour("PUT", "nguoi-lao-dong", {"nguoi_lao_dong": items})
    told = [(one["ket_qua"], one["ma_loi"]) for one in answer["data"]]
    assert told == [("thanh_cong", None), ("tu_choi", "MAU_THUAN"), ("tu_choi", "DU_LIEU_KHONG_HOP_LE")]
    read = await street.labour("POST", "nguoi-lao-dong/tra-cuu", {"so_dinh_danh": [first.personal_number]})
    assert read["data"][0]["nguoi_lao_dong"] == items[0]
    feed = await street.labour("GET", "thay-doi", sau=0, toi_da=10)
    assert [row["nguoi_lao_dong"] for row in feed["data"]] == [items[0]]


async def test_a_placement_makes_the_person_employed(street: Street) -> None:
    person = PEOPLE[0]
    before = labour_worker(person, tinh_trang_hdkt="2", thoi_gian_that_nghiep="1", nhu_cau_tim_viec=True)
    await street.labour("PUT", "nguoi-lao-dong", {"nguoi_lao_dong": [before]})
    placement = {
        "so_dinh_danh": person.personal_number,
        "ten_nsdld": "Công ty chè Mẫu",
        "ngay_nhan_viec": "01/08/2026",
        "loai_hdld": "1",
    }
    change = (await street.labour("POST", "gioi-thieu", placement))["data"]["ma"]
    feed = await street.labour("GET", "thay-doi", sau=change - 1)
    (row,) = feed["data"]
    assert (row["ma"], row["loai"]) == (change, "gioi_thieu")
    worker = row["nguoi_lao_dong"]
    assert (worker["tinh_trang_hdkt"], worker["noi_lam_viec"]) == ("1", "Công ty chè Mẫu")
    assert "thoi_gian_that_nghiep" not in worker


@pytest.mark.parametrize(("count", "code"), [(100, None), (101, "QUA_SO_LUONG")])
async def test_a_batch_beyond_the_limit_is_refused_whole(street: Street, count: int, code: str | None) -> None:
    items = [labour_worker(person) for person in PEOPLE[:count]]
    answer = await street.labour("PUT", "nguoi-lao-dong", {"nguoi_lao_dong": items})
    assert (answer["error"] or {}).get("code") == code
    insured = [insurance_worker(person) for person in PEOPLE[:count]]
    body = {"maYeuCau": "1", "nguoiLaoDong": insured}
    assert (await street.insurance("capNhatThongTinNguoiLaoDong", body))["error_code"] == ("06" if code else "00")


async def test_a_change_that_breaks_the_contract_is_refused_to_people_too(street: Street) -> None:
    wrong = {"personal_number": PEOPLE[0].personal_number, "worker": {"gioi_tinh": "Nam"}}
    answer = await street.http.post(f"{street.ready['labour_market']}/_mock/people", json=wrong)
    assert answer.status_code == 422
    assert (await street.mock("labour_market", "GET", "health"))["held"] == 0


async def test_people_are_listed_page_by_page(street: Street) -> None:
    items = [labour_worker(person) for person in PEOPLE[:7]]
    await street.labour("PUT", "nguoi-lao-dong", {"nguoi_lao_dong": items})
    first = await street.mock("labour_market", "GET", "people?limit=5")
    rest = await street.mock("labour_market", "GET", f"people?after={first['next']}&limit=5")
    assert [one["held"] for one in first["people"] + rest["people"]] == items
    assert rest["next"] is None


async def test_a_reset_forgets_all_but_change_ids_go_on(street: Street) -> None:
    await street.labour("PUT", "nguoi-lao-dong", {"nguoi_lao_dong": [labour_worker(PEOPLE[0])]})
    seen = (await street.labour("GET", "thay-doi"))["data"][0]["ma"]
    await street.mock("labour_market", "POST", "reset")
    assert (await street.mock("labour_market", "GET", f"people/{PEOPLE[0].personal_number}"))["known"] is False
    await street.labour("PUT", "nguoi-lao-dong", {"nguoi_lao_dong": [labour_worker(PEOPLE[0])]})
    later = await street.labour("GET", "thay-doi", sau=seen)
    assert [row["ma"] > seen for row in later["data"]] == [True]


async def test_a_port_that_is_taken_is_said_before_anything_is_served(street: Street) -> None:
    port = int(street.ready["platform"].rpartition(":")[2])
    with pytest.raises(PortTaken):
        async with served(StreetPlan(people=1, ports=(0, port, 0, 0))):
            pass
