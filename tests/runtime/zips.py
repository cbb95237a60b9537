"""Zip files for tests."""

import zipfile
from collections.abc import Mapping
from io import BytesIO


def zipped(files: Mapping[str, str | bytes], mode: int = 0o644) -> bytes:
    """The same files make the same bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr, info.compress_type = 3, mode << 16, zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()
