"""dlt's rest_api source into PostgreSQL, merged on id. Runs in .venv-bench. Options: url, key, page, database, folder, tuned.

As it comes, or with what its own guide on performance names: CSV through COPY, no look into nested rows, larger buffers,
an upsert instead of delete and insert.
"""

import json
import os
import resource
import sys
import time
from typing import Any
from urllib.parse import urlsplit, urlunsplit

TUNED = {
    "DATA_WRITER__BUFFER_MAX_ITEMS": "50000",
    "NORMALIZE__DATA_WRITER__BUFFER_MAX_ITEMS": "50000",
    "NORMALIZE__LOADER_FILE_FORMAT": "csv",
    "SCHEMA__NAMING": "direct",
    "NORMALIZE__JSON_NORMALIZER": '{"module": "dlt.common.normalizers.json.relational", "config": {"max_nesting": 0}}',
}


def run(url: str, key: str, page: int, database: str, folder: str, *, tuned: bool) -> dict[str, Any]:
    """Into an empty data set named `dlt_peer`, which stays for the parent to drop."""
    os.environ.update({"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR", "DLT_DATA_DIR": folder})
    if tuned:
        os.environ.update(TUNED)
    import dlt  # type: ignore[import-not-found]
    from dlt.sources.rest_api import rest_api_source  # type: ignore[import-not-found]

    merge = {"disposition": "merge", "strategy": "upsert"} if tuned else "merge"
    source = rest_api_source(
        {
            "client": {
                "base_url": url,
                "auth": {"type": "api_key", "name": "X-API-KEY", "api_key": key, "location": "header"},
                "paginator": {"type": "cursor", "cursor_path": "next_page_token", "cursor_param": "page_token"},
            },
            "resources": [
                {
                    "name": "broadcasts",
                    "primary_key": "id",
                    "write_disposition": merge,
                    "max_table_nesting": 0 if tuned else None,
                    "endpoint": {"path": "v3/broadcasts", "params": {"limit": page}, "data_selector": "broadcasts"},
                }
            ],
        }
    )
    begun = time.perf_counter()
    pipeline = dlt.pipeline(
        "peer",
        destination=dlt.destinations.postgres(_with_password(database)),
        dataset_name="dlt_peer",
        pipelines_dir=f"{folder}/pipelines",
    )
    pipeline.run(source)
    rows = pipeline.last_trace.last_normalize_info.row_counts["broadcasts"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows": rows, "inner": time.perf_counter() - begun, "peak_mb": peak}


def _with_password(database: str) -> str:
    """dlt wants one, also where the server lets everybody in."""
    parts = urlsplit(database)
    return database if parts.password else urlunsplit(parts._replace(netloc=parts.netloc.replace("@", ":none@", 1)))


if __name__ == "__main__":
    print(json.dumps(run(**json.loads(sys.argv[1]))))
