# Writes what Pillow makes of an image by the operations of RandAugment: python3 testdata/pillow.py > testdata/pillow.json
# Written for Pillow 9.4. The image is the one of pixelops_test.go; results are planes, in hexadecimal.
# The operations are torchvision's (transforms/autoaugment.py, _apply_op), which are these calls of Pillow.
import json
from PIL import Image, ImageEnhance, ImageOps

SIZE = 9
values = [(i * i * 7 + i * 31 + i // 5) % 256 for i in range(3 * SIZE * SIZE)]
planes = [Image.new("L", (SIZE, SIZE)) for _ in range(3)]
for c, plane in enumerate(planes):
    plane.putdata(values[c * SIZE * SIZE:(c + 1) * SIZE * SIZE])


def affine(*matrix):
    return lambda image: image.transform(image.size, Image.AFFINE, matrix, Image.NEAREST, fillcolor=0)


operations = {
    "shear-x 0.297": affine(1, 0.297, 0, 0, 1, 0), "shear-x -0.8": affine(1, -0.8, 0, 0, 1, 0),
    "shear-y 0.09": affine(1, 0, 0, 0.09, 1, 0), "translate-x 2.9": affine(1, 0, 2, 0, 1, 0),
    "translate-x -3.2": affine(1, 0, -3, 0, 1, 0), "translate-y 4": affine(1, 0, 0, 0, 1, 4),
    "rotate 9": lambda i: i.rotate(9, Image.NEAREST, fillcolor=0),
    "rotate -27": lambda i: i.rotate(-27, Image.NEAREST, fillcolor=0),
    "rotate 135": lambda i: i.rotate(135, Image.NEAREST, fillcolor=0),
    "brightness 0.27": lambda i: ImageEnhance.Brightness(i).enhance(1.27),
    "brightness -0.81": lambda i: ImageEnhance.Brightness(i).enhance(1 - 0.81),
    "color 0.8": lambda i: ImageEnhance.Color(i).enhance(1.8),
    "color -0.27": lambda i: ImageEnhance.Color(i).enhance(1 - 0.27),
    "contrast 0.5": lambda i: ImageEnhance.Contrast(i).enhance(1.5),
    "contrast -0.99": lambda i: ImageEnhance.Contrast(i).enhance(1 - 0.99),
    "sharpness 0.9": lambda i: ImageEnhance.Sharpness(i).enhance(1.9),
    "sharpness -0.27": lambda i: ImageEnhance.Sharpness(i).enhance(1 - 0.27),
    "posterize 1.2": lambda i: ImageOps.posterize(i, 7), "posterize 6": lambda i: ImageOps.posterize(i, 2),
    "solarize 76.5": lambda i: ImageOps.solarize(i, 178.5), "solarize 255": lambda i: ImageOps.solarize(i, 0),
    "auto-contrast 0": ImageOps.autocontrast, "equalize 0": ImageOps.equalize, "identity 0": lambda i: i,
}
dull = [plane.point(lambda v: 60 + v // 3) for plane in planes]  # for what stretches an image
large = [plane.resize((4 * SIZE, 4 * SIZE), Image.NEAREST).point(lambda v: v // 2 + 20) for plane in dull]
out = {}
for name, operation in operations.items():
    for kind, source in ("", planes), ("grey ", planes[:1]), ("dull ", dull), ("large ", large):
        if kind in ("dull ", "large ") and not name.startswith(("auto", "equalize")):
            continue
        if kind == "grey " and name.startswith("rotate"):
            continue
        result = operation(source[0] if len(source) == 1 else Image.merge("RGB", source))
        out[kind + name] = b"".join(plane.tobytes() for plane in result.split()).hex()
print(json.dumps(out, indent=0))
