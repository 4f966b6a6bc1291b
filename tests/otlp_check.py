"""Judges requests to an OpenTelemetry collector by the protocol's own definitions: paths of files named traces-* or
metrics-* as arguments; what each holds, as JSON, on standard output. A field that the protocol does not have, or a value
of another kind, ends it with a fault.
"""

import json
import sys
from pathlib import Path

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def spans(text):
    request = json_format.Parse(text, ExportTraceServiceRequest())
    return [span.name for one in request.resource_spans for scope in one.scope_spans for span in scope.spans]


def gauges(text):
    request = json_format.Parse(text, ExportMetricsServiceRequest())
    return [metric.name for one in request.resource_metrics for scope in one.scope_metrics for metric in scope.metrics
            if metric.gauge.data_points[0].as_int >= 0]


def main(paths):
    held = {}
    for path in map(Path, paths):
        kind = "traces" if path.name.startswith("traces") else "metrics"
        held.setdefault(kind, []).extend((spans if kind == "traces" else gauges)(path.read_text()))
    print(json.dumps(held))


if __name__ == "__main__":
    main(sys.argv[1:])
