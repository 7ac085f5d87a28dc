"""A plot of what bench.py measured, as SVG: CPU for each message, relay against C worker, one group for each work."""

import html
import math

import bench_report

WIDTH, LEFT, TOP, ROW, BAR = 860, 190, 74, 62, 15
# Readable on white and on black pages.
SERIES = [("worker", "C worker", "#8a8f98"), ("json", "ocr-relay, JSON", "#2f7ed8"), ("binary", "ocr-relay, binary", "#e08a2e")]


def text(x, y, content, size=12, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}">'
            f"{html.escape(content)}</text>")


def scale(values):
    """Powers of ten around the values, and the position of a value between them."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    space = WIDTH - LEFT - 70
    return range(low, high + 1), lambda value: LEFT + space * (math.log10(value) - low) / (high - low)


def draw(results):
    rows = results["throughput"]
    values = [row[key]["cpu_us"] for row in rows for key, _, _ in SERIES]
    powers, position = scale(values)
    height = TOP + ROW * len(rows) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="system-ui, sans-serif">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>', '<g fill="#1f2328">',
        text(16, 26, "CPU for each message, microseconds (logarithmic; shorter is better)", 16, weight="bold"),
        text(16, 46, f"{results['machine']}, {results['at'][:10]}, medians of {results['pairs']} pairs", 11), "</g>"]
    for index, (_, name, colour) in enumerate(SERIES):
        x = LEFT + index * 170
        parts.append(f'<rect x="{x}" y="54" width="12" height="12" fill="{colour}"/><g fill="#1f2328">{text(x + 18, 64, name)}</g>')
    for power in powers:
        x = position(10 ** power)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{height - 30}" stroke="#d8dce2"/>')
        parts.append(f'<g fill="#57606a">{text(x, height - 14, f"{10 ** power:,}", 11, "middle")}</g>')
    for index, row in enumerate(rows):
        parts += group(row, TOP + ROW * index + 8, position)
    return "\n".join([*parts, "</svg>", ""])


def group(row, top, position):
    label = f"{bench_report.size(row['size_kib'])}, {row['delay_ms']} ms, {row['queue']}"
    yield f'<g fill="#1f2328">{text(LEFT - 10, top + 1.5 * BAR + 4, label, anchor="end")}</g>'
    for index, (key, name, colour) in enumerate(SERIES):
        value, y = row[key]["cpu_us"], top + index * BAR
        end = position(value)
        yield (f'<rect x="{LEFT}" y="{y}" width="{max(1, end - LEFT):.1f}" height="{BAR - 2}" fill="{colour}">'
               f"<title>{html.escape(f'{name}: {value:.1f} us')}</title></rect>")
        yield f'<g fill="#1f2328">{text(end + 5, y + BAR - 4, bench_report.number(value), 11)}</g>'
