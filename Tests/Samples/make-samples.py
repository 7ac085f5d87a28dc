#!/usr/bin/python3
"""Draws made-up sample documents and writes down what stands on them.

    /usr/bin/python3 make-samples.py FOLDER [--seed N]

writes pictures and truth.json into FOLDER. Every name, number and address is invented; the same seed gives the same
documents. Needs the Debian packages python3-pil, python3-numpy and fonts-noto-cjk.

truth.json: {"seed": N, "samples": [{"file", "api", "expect", ...}]}. `expect` is "ok" or the code with which the OCR
service refuses; `expect_class` is the class that this becomes. A readable sample has `fields` (documented field names)
or `lines` (text, top to bottom), and `clean`: false for the noisy scan.
"""

import argparse
import json
import pathlib
import random
import sys

try:
    import numpy
    from PIL import Image, ImageDraw, ImageFilter, ImageFont
except ImportError as error:
    package = "python3-numpy" if "numpy" in str(error) else "python3-pil"
    sys.exit(f"make-samples.py: {error}; install it with: apt-get install {package} (and run /usr/bin/python3)")

FONT_FOLDER = pathlib.Path("/usr/share/fonts/opentype/noto")
FONTS = {
    "sans": "NotoSansCJK-Regular.ttc",
    "bold": "NotoSansCJK-Bold.ttc",
    "serif": "NotoSerifCJK-Regular.ttc",
    "serif-bold": "NotoSerifCJK-Bold.ttc",
}
SIMPLIFIED_CHINESE = 2  # place of the face in the font collections

INK = (24, 24, 28)


def font(name, size):
    path = FONT_FOLDER / FONTS[name]
    if not path.exists():
        sys.exit(f"make-samples.py: {path} is missing; install it with: apt-get install fonts-noto-cjk")
    return ImageFont.truetype(str(path), size, index=SIMPLIFIED_CHINESE)


class Sheet:
    """A picture to write on."""

    def __init__(self, width, height, colour=(255, 255, 255)):
        self.image = Image.new("RGB", (width, height), colour)
        self.draw = ImageDraw.Draw(self.image)

    def text(self, x, y, text, size=32, face="sans", colour=INK, spacing=0):
        """Writes one line whose top left corner is (x, y); `spacing` pixels stand between the characters."""
        used = font(face, size)
        if not spacing:
            self.draw.text((x, y), text, fill=colour, font=used)
            return
        for character in text:
            self.draw.text((x, y), character, fill=colour, font=used)
            x += used.getlength(character) + spacing

    def centred(self, y, text, size=32, face="sans", colour=INK):
        width = font(face, size).getlength(text)
        self.text((self.image.width - width) / 2, y, text, size, face, colour)

    def line(self, *points, colour=(176, 150, 130), width=2):
        self.draw.line(points, fill=colour, width=width)

    def frame(self, left, top, right, bottom, colour=(176, 150, 130), width=2):
        self.draw.rectangle((left, top, right, bottom), outline=colour, width=width)


def digits(dice, count):
    return str(dice.randint(1, 9)) + "".join(str(dice.randint(0, 9)) for _ in range(count - 1))


def identity_number(dice, birth):
    """An id number with a right check digit and a region that does not exist."""
    body = "990102" + birth + str(dice.randint(100, 998) // 2 * 2 + 1)
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights)) % 11]


def card_number(dice):
    """A card number with a right check digit and an issuer that does not exist."""
    body = "6299" + digits(dice, 14)
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def quota_invoice(dice):
    code, number = digits(dice, 12), digits(dice, 8)
    sheet = Sheet(1100, 620, (253, 251, 246))
    sheet.frame(20, 20, 1080, 600)
    sheet.centred(48, "北京市国家税务局通用定额发票", 48, "serif-bold")
    sheet.centred(128, "发票联", 38, "serif")
    sheet.text(90, 216, f"发票代码 {code}", 36)
    sheet.text(90, 286, f"发票号码 {number}", 36)
    sheet.text(90, 376, "金额 壹佰元整", 40, "bold")
    sheet.text(640, 376, "￥100.00", 40, "bold")
    sheet.text(90, 476, "收款单位（盖章有效）", 28)
    sheet.text(640, 476, "开票日期 年 月 日", 28)
    return sheet.image, {"code": code, "number": number, "location": "北京", "amount": "￥100.00"}


def vat_invoice(dice):
    fields = {
        "title": "北京增值税普通发票",
        "type": "normal",
        "code": digits(dice, 12),
        "number": digits(dice, 8),
        "issue_date": "2026年03月18日",
        "machine_number": digits(dice, 12),
        "check_code": digits(dice, 20),
        "buyer_name": "远山贸易有限公司",
        "buyer_id": "91990000MA" + digits(dice, 8),
        "buyer_address": "上海市浦东新区明月路18号 021-55500123",
        "buyer_bank": "东方银行浦东支行 " + digits(dice, 16),
        "seller_name": "青石文具有限公司",
        "seller_id": "91990000MB" + digits(dice, 8),
        "seller_address": "北京市海淀区学院路6号 010-55500456",
        "seller_bank": "北方银行海淀支行 " + digits(dice, 16),
        "subtotal_amount": "￥1350.00",
        "subtotal_tax": "￥175.50",
        "total": "￥1525.50",
        "total_in_words": "壹仟伍佰贰拾伍圆伍角整",
        "receiver": "李明",
        "reviewer": "王芳",
        "issuer": "张伟",
        "item_list": [
            {
                "name": "办公用纸", "specification": "A4", "unit": "箱", "quantity": "10", "unit_price": "120.00",
                "amount": "1200.00", "tax_rate": "13%", "tax": "156.00",
            },
            {
                "name": "中性笔", "specification": "B12", "unit": "盒", "quantity": "5", "unit_price": "30.00",
                "amount": "150.00", "tax_rate": "13%", "tax": "19.50",
            },
        ],
    }
    sheet = Sheet(1800, 1180)
    sheet.centred(36, fields["title"], 54, "serif-bold")
    sheet.text(100, 140, "机器编号：" + fields["machine_number"], 30)
    sheet.text(1180, 24, "发票代码：" + fields["code"], 30)
    sheet.text(1180, 82, "发票号码：" + fields["number"], 30)
    sheet.text(1180, 140, "开票日期：" + fields["issue_date"], 30)
    sheet.text(1180, 198, "校验码：" + fields["check_code"], 30)
    top = 256
    sheet.frame(80, top, 1720, 1060)
    party(sheet, top + 12, "购买方", fields, "buyer")
    sheet.line(80, top + 224, 1720, top + 224)
    items(sheet, top + 234, fields)
    sheet.line(80, 764, 1720, 764)
    sheet.text(110, 776, "价税合计（大写）", 30)
    sheet.text(540, 776, fields["total_in_words"], 30)
    sheet.text(1180, 776, "（小写）" + fields["total"], 30)
    sheet.line(80, 832, 1720, 832)
    party(sheet, 844, "销售方", fields, "seller")
    sheet.text(110, 1090, "收款人：" + fields["receiver"], 30)
    sheet.text(520, 1090, "复核：" + fields["reviewer"], 30)
    sheet.text(930, 1090, "开票人：" + fields["issuer"], 30)
    sheet.text(1340, 1090, "销售方：（章）", 30)
    return sheet.image, fields


def party(sheet, y, heading, fields, prefix):
    for place, character in enumerate(heading):
        sheet.text(96, y + 24 + 50 * place, character, 30)
    sheet.line(144, y - 12, 144, y + 212)
    labels = [("名称：", "name"), ("纳税人识别号：", "id"), ("地址、电话：", "address"), ("开户行及账号：", "bank")]
    for row, (label, name) in enumerate(labels):
        sheet.text(164, y + 50 * row, label + fields[f"{prefix}_{name}"], 30)


ITEM_COLUMNS = [
    (110, "货物或应税劳务名称", "name"), (500, "规格型号", "specification"), (720, "单位", "unit"),
    (860, "数量", "quantity"), (1000, "单价", "unit_price"), (1190, "金额", "amount"), (1400, "税率", "tax_rate"),
    (1550, "税额", "tax"),
]


def items(sheet, y, fields):
    for x, heading, _ in ITEM_COLUMNS:
        sheet.text(x, y, heading, 28)
    for row, item in enumerate(fields["item_list"]):
        for x, _, name in ITEM_COLUMNS:
            sheet.text(x, y + 60 + 54 * row, item[name], 28)
    sheet.text(110, y + 220, "合计", 28)
    sheet.text(1160, y + 220, fields["subtotal_amount"], 28)
    sheet.text(1520, y + 220, fields["subtotal_tax"], 28)


def id_card(dice):
    number = identity_number(dice, "19900817")
    fields = {
        "name": "林晓峰", "sex": "男", "ethnicity": "汉", "birth": "1990-08-17",
        "address": "江苏省南京市玄武区梧桐路27号3栋502室", "number": number,
    }
    sheet = Sheet(1100, 690, (236, 243, 250))
    label = (60, 110, 170)
    for y, caption, value in [(70, "姓名", fields["name"]), (238, "出生", None), (326, "住址", None)]:
        sheet.text(80, y, caption, 34, colour=label)
        if value:
            sheet.text(190, y - 4, value, 42)
    sheet.text(80, 156, "性别", 34, colour=label)
    sheet.text(190, 152, fields["sex"], 40)
    sheet.text(320, 156, "民族", 34, colour=label)
    sheet.text(430, 152, fields["ethnicity"], 40)
    for x, text, colour in [
        (190, "1990", INK), (300, "年", label), (360, "8", INK), (400, "月", label), (460, "17", INK), (520, "日", label)
    ]:
        sheet.text(x, 234, text, 38, colour=colour)
    sheet.text(190, 322, fields["address"][:11], 38)
    sheet.text(190, 376, fields["address"][11:], 38)
    sheet.text(80, 560, "公民身份号码", 36, colour=label)
    sheet.text(370, 554, number, 44, "bold", spacing=3)
    portrait(sheet, 780, 70)
    return sheet.image, fields


def portrait(sheet, x, y):
    """A grey figure, nobody's face."""
    sheet.draw.rectangle((x, y, x + 250, y + 330), fill=(214, 222, 232))
    sheet.draw.ellipse((x + 75, y + 50, x + 175, y + 170), fill=(150, 160, 175))
    sheet.draw.ellipse((x + 30, y + 190, x + 220, y + 420), fill=(150, 160, 175))
    sheet.draw.rectangle((x, y + 331, x + 250, y + 430), fill=(236, 243, 250))


def bankcard(dice):
    number = card_number(dice)
    fields = {"bank_name": "北方银行", "card_number": number, "expiry_date": "09/31", "type": "借记卡"}
    sheet = Sheet(1000, 630, (226, 234, 226))
    sheet.text(70, 60, fields["bank_name"], 56, "bold")
    sheet.text(760, 70, fields["type"], 40)
    sheet.draw.rounded_rectangle((90, 190, 210, 280), 16, fill=(206, 186, 120))
    grouped = " ".join(number[place:place + 4] for place in range(0, len(number), 4))
    sheet.text(80, 340, grouped, 58, "bold")
    sheet.text(80, 470, "VALID THRU", 36)
    sheet.text(420, 470, fields["expiry_date"], 36)
    return sheet.image, fields


def train_ticket(dice):
    fields = {
        "ticket_id": "E" + digits(dice, 6),
        "check_port": "12A",
        "train_number": "G108",
        "departure_station": "南京南站",
        "destination_station": "北京南站",
        "departure_station_en": "Nanjingnan",
        "destination_station_en": "Beijingnan",
        "departure_time": "2026年04月09日08:15开",
        "seat_number": "06车11A号",
        "ticket_price": "￥443.50元",
        "seat_category": "二等座",
        "id_number": "9901021990****2316",
        "name": "林晓峰",
        "log_id": digits(dice, 14) + "E" + digits(dice, 6),
        "sale_location": "南京南售",
    }
    sheet = Sheet(1200, 740, (232, 243, 248))
    sheet.text(80, 50, fields["ticket_id"], 44, colour=(180, 40, 50))
    sheet.text(880, 56, "检票：" + fields["check_port"], 36)
    sheet.text(110, 140, fields["departure_station"], 54)
    sheet.text(520, 136, fields["train_number"], 54)
    sheet.text(830, 140, fields["destination_station"], 54)
    sheet.text(120, 218, fields["departure_station_en"], 34)
    sheet.text(840, 218, fields["destination_station_en"], 34)
    sheet.text(90, 296, fields["departure_time"], 40)
    sheet.text(830, 296, fields["seat_number"], 40)
    sheet.text(90, 370, fields["ticket_price"], 40)
    sheet.text(830, 370, fields["seat_category"], 40)
    sheet.text(90, 444, "限乘当日当次车", 36)
    sheet.text(90, 516, fields["id_number"] + " " + fields["name"], 40)
    sheet.text(90, 650, fields["log_id"] + " " + fields["sale_location"], 34)
    return sheet.image, fields


def business_license(dice):
    fields = {
        "registration_number": "91990000MC" + digits(dice, 8),
        "name": "清泉软件有限公司",
        "type": "有限责任公司",
        "address": "杭州市西湖区竹林路88号",
        "legal_representative": "陈静",
        "registered_capital": "伍佰万元整",
        "found_date": "2019年05月20日",
        "business_term": "2019年05月20日至2049年05月19日",
        "business_scope": "软件开发；信息技术咨询服务；计算机销售",
        "issue_date": "2024年11月06日",
    }
    sheet = Sheet(1400, 1080, (252, 250, 244))
    sheet.frame(30, 30, 1370, 1050, width=4)
    sheet.centred(70, "营业执照", 84, "serif-bold")
    sheet.text(100, 220, "统一社会信用代码", 34)
    sheet.text(420, 218, fields["registration_number"], 36, "bold")
    rows = [
        ("名称", "name"), ("类型", "type"), ("住所", "address"), ("法定代表人", "legal_representative"),
        ("注册资本", "registered_capital"), ("成立日期", "found_date"), ("营业期限", "business_term"),
        ("经营范围", "business_scope"),
    ]
    for row, (label, name) in enumerate(rows):
        sheet.text(100, 310 + 70 * row, label, 34)
        sheet.text(360, 310 + 70 * row, fields[name], 36)
    sheet.text(860, 900, "登记机关", 34)
    sheet.text(860, 970, fields["issue_date"], 36)
    return sheet.image, fields


LETTER = [
    "Northwind Stationery",
    "18 Harbour Street, Port Ellis",
    "14 April 2026",
    "Dear Ms Parker,",
    "Thank you for your order of ten boxes of paper and five",
    "packs of pens. The goods left our warehouse this morning",
    "and will reach you on Friday. The invoice is enclosed;",
    "please pay the amount of 1525.50 within thirty days.",
    "Do call us if anything is missing.",
    "Yours sincerely,",
    "Daniel Reed",
]


def letter():
    sheet = Sheet(1240, 1000)
    y = 80
    for place, line in enumerate(LETTER):
        sheet.text(110, y, line, 44 if place == 0 else 36, "serif-bold" if place == 0 else "serif")
        y += 96 if place in (2, 3, 8) else 68
    return sheet.image, LETTER


NOTICE = [
    "送货单",
    "收货人：远山贸易有限公司",
    "地址：上海市浦东新区明月路18号",
    "办公用纸 10箱 中性笔 5盒",
    "Delivery note 2026-03-18",
    "请在收货后签字并寄回本单。",
    "Thank you for your order.",
]


def scan(dice):
    """A sheet as a telephone camera sees it: turned a little, unevenly lit, blurred, noisy."""
    sheet = Sheet(1300, 860, (250, 248, 242))
    for row, line in enumerate(NOTICE):
        sheet.text(120, 90 + 100 * row, line, 46)
    turned = sheet.image.rotate(1.4, Image.Resampling.BICUBIC, expand=True, fillcolor=(196, 190, 180))
    pixels = numpy.asarray(turned.filter(ImageFilter.GaussianBlur(0.8)), dtype=numpy.float32)
    height, width, _ = pixels.shape
    across = numpy.linspace(1.0, 0.78, width, dtype=numpy.float32)[None, :, None]
    down = numpy.linspace(0.96, 1.0, height, dtype=numpy.float32)[:, None, None]
    noise = numpy.random.default_rng(dice.randint(0, 2**31)).normal(0, 9, pixels.shape).astype(numpy.float32)
    return Image.fromarray(numpy.clip(pixels * across * down + noise, 0, 255).astype(numpy.uint8)), NOTICE


def damage(path):
    """Overwrites the middle of the compressed pixels; the head of the file stays right."""
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    for place in range(middle, min(middle + 400, len(data) - 20)):
        data[place] ^= 0x5A
    path.write_bytes(bytes(data))


def main():
    parser = argparse.ArgumentParser(description="Draw made-up sample documents.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    dice = random.Random(arguments.seed)
    folder = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    samples = []

    def add(file, api, image=None, expect="ok", **more):
        if image is not None:
            image.save(folder / file, **({"quality": 82} if file.endswith(".jpg") else {}))
        samples.append({"file": file, "api": api, "expect": expect, **more})

    documents = [
        ("quota-invoice", quota_invoice), ("vat-invoice", vat_invoice), ("id-card", id_card), ("bankcard", bankcard),
        ("train-ticket", train_ticket), ("business-license", business_license),
    ]
    for api, make in documents:
        image, fields = make(dice)
        add(f"{api}.png", api, image, clean=True, fields=fields)
    image, lines = letter()
    add("letter.png", "general-text", image, clean=True, lines=lines)
    add("letter.png", "web-image", clean=True, lines=lines)
    image, lines = scan(dice)
    add("scan.jpg", "general-text", image, clean=False, lines=lines)
    image, _ = letter()
    add("damaged.png", "general-text", image, expect="AIS.0102", expect_class="unsupported_image")
    damage(folder / "damaged.png")
    add("too-small.png", "quota-invoice", Image.new("RGB", (8, 8), (255, 255, 255)), expect="AIS.0103",
        expect_class="unsupported_image")
    add("letter.png", "no-such-api", expect="APIG.0101", expect_class="unsupported_api")

    truth = {"seed": arguments.seed, "samples": samples}
    (folder / "truth.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
