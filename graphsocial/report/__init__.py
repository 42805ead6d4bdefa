"""report/: one offline HTML page per run, with every number beside its interval and its floors."""

from graphsocial.report.write_report import write_report

__all__ = ["write_report"]
