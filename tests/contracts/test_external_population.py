"""The population XSD takes what the documents show, and refuses what they exclude."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

import contracts

FOLDER = Path(contracts.__file__).parent / "external" / "population" / "v1"
BCA = "http://dancuquocgia.bca"
DC = "http://www.mic.gov.vn/dancu/1.0"
HEAD = "<MaYeuCau>1</MaYeuCau><MaDVC>2.002307</MaDVC><MaCanBo>012080999999</MaCanBo>"
PERSON = (
    "<SoDinhDanh>012194999999</SoDinhDanh><HoVaTen>LÒ THỊ MẪU</HoVaTen>"
    "<NgayThangNamSinh><Nam>1994</Nam></NgayThangNamSinh><GioiTinh>2</GioiTinh>"
)


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(FOLDER / "nguoilaodong.xsd")))


def _message(operation: str, inner: str) -> etree._Element:
    return etree.fromstring(f'<{operation} xmlns="{BCA}" xmlns:dc="{DC}">{inner}</{operation}>')


def test_a_citizen_in_the_style_of_the_standard_is_valid(schema: etree.XMLSchema) -> None:
    citizen = (
        "<dc:SoDinhDanh>012194999999</dc:SoDinhDanh><dc:SoCMND>049999999</dc:SoCMND>"
        "<dc:HoVaTen><dc:Ho>Lò</dc:Ho><dc:ChuDem>Thị</dc:ChuDem><dc:Ten>Mẫu</dc:Ten></dc:HoVaTen>"
        "<dc:GioiTinh>2</dc:GioiTinh><dc:DanToc><dc:MaDanToc>03</dc:MaDanToc><dc:TenGoi>Thái</dc:TenGoi></dc:DanToc>"
        "<dc:TonGiao><dc:MaTonGiao>99</dc:MaTonGiao></dc:TonGiao><dc:TinhTrangHonNhan>2</dc:TinhTrangHonNhan>"
        "<dc:NhomMau>00</dc:NhomMau>"
        "<dc:NgayThangNamSinh><dc:NgayThangNam>1994-05-12</dc:NgayThangNam></dc:NgayThangNamSinh>"
        "<dc:NoiDangKyKhaiSinh><dc:MaDonViHanhChinh>03388</dc:MaDonViHanhChinh><dc:ChiTiet/>"
        "<dc:QuocGia>VN</dc:QuocGia></dc:NoiDangKyKhaiSinh><dc:QueQuan/><dc:ThuongTru/><dc:NoiOHienTai/>"
        "<dc:Cha><dc:QuocTich>VN</dc:QuocTich><dc:HoVaTen/></dc:Cha>"
    )
    collection = (
        '<dc:CongdanCollection GhiChu="" ThoiDiemDuLieu="2016-01-01T00:00:00" SoCongDan="1">'
        f"<dc:CongDan>{citizen}</dc:CongDan></dc:CongdanCollection>"
    )
    schema.assertValid(_message("TraCuuThongTinCongDanResponse", collection))


def test_a_citizen_in_the_style_of_the_live_service_is_valid(schema: etree.XMLSchema) -> None:
    citizen = (
        "<dc:SoDinhDanh>012194999999</dc:SoDinhDanh><dc:HoVaTen><dc:Ten>LÒ THỊ MẪU</dc:Ten></dc:HoVaTen>"
        "<dc:GioiTinh>2</dc:GioiTinh>"
        "<dc:NgayThangNamSinh><dc:NgayThangNam>19940512</dc:NgayThangNam></dc:NgayThangNamSinh>"
        "<dc:ThuongTru><dc:MaTinhThanh>12</dc:MaTinhThanh><dc:MaQuanHuyen>105</dc:MaQuanHuyen>"
        "<dc:MaPhuongXa>03389</dc:MaPhuongXa><dc:ChiTiet>Tổ 4</dc:ChiTiet><dc:QuocGia>VN</dc:QuocGia></dc:ThuongTru>"
    )
    collection = f"<dc:CongdanCollection><dc:CongDan>{citizen}</dc:CongDan></dc:CongdanCollection>"
    schema.assertValid(_message("TraCuuThongTinCongDanResponse", collection))


@pytest.mark.parametrize("service", ["<MaDichVu>033</MaDichVu>", "<MaTichHop>033</MaTichHop>"])
def test_033_takes_either_name_of_the_service_code(schema: etree.XMLSchema, service: str) -> None:
    inner = f"<MaYeuCau>1</MaYeuCau>{service}<MaCanBo>012080999999</MaCanBo>"
    inner += "<SoCMND>049999999</SoCMND><HoVaTen>LÒ THỊ MẪU</HoVaTen>"
    schema.assertValid(_message("XacThucThongTinCongDan", inner))


def test_the_order_of_elements_matters(schema: etree.XMLSchema) -> None:
    right = f"{HEAD}<NguoiLaoDong>{PERSON}</NguoiLaoDong>"
    schema.assertValid(_message("CapNhatThongTinLaoDong", right))
    moved = right.replace("<GioiTinh>2</GioiTinh>", "").replace("<HoVaTen>", "<GioiTinh>2</GioiTinh><HoVaTen>")
    assert not schema.validate(_message("CapNhatThongTinLaoDong", moved))


@pytest.mark.parametrize(
    "wrong",
    [
        "<TrinhDoCMKT>9</TrinhDoCMKT>",
        "<TinhTrangHDKT></TinhTrangHDKT>",
        "<NgayBatDauHDLD>2024-03-01</NgayBatDauHDLD>",
        "<DoiTuongUuTien><MaDoiTuong>8</MaDoiTuong></DoiTuongUuTien>",
        "<MaSoBHXH>12345</MaSoBHXH>",
    ],
)
def test_codes_of_another_system_are_refused(schema: etree.XMLSchema, wrong: str) -> None:
    assert not schema.validate(
        _message("CapNhatThongTinLaoDong", f"{HEAD}<NguoiLaoDong>{PERSON}{wrong}</NguoiLaoDong>")
    )


@pytest.mark.parametrize(("people", "valid"), [(50, True), (51, False)])
def test_a_batch_has_at_most_fifty_people(schema: etree.XMLSchema, people: int, valid: bool) -> None:
    inner = HEAD + f"<NguoiLaoDong>{PERSON}</NguoiLaoDong>" * people
    assert schema.validate(_message("CapNhatThongTinLaoDong", inner)) is valid


def test_an_error_inside_an_answer_is_valid(schema: etree.XMLSchema) -> None:
    error = "<errorCode>004</errorCode><errorMessage>Chưa được cấp phép</errorMessage>"
    for operation in ("XacThucThongTinCongDan", "TraCuuThongTinCongDan", "CapNhatThongTinLaoDong", "LayThayDoi"):
        schema.assertValid(_message(f"{operation}Response", error))
