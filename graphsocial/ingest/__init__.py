"""From what people hold, files and exports, to a graph, with a report of what was refused and assumed."""

from graphsocial.ingest.cascade_folder import CascadeFolder, read_cascade_folder
from graphsocial.ingest.checksums import data_files, read_checksums, verify_checksums, write_checksums
from graphsocial.ingest.default_mapping import default_mapping
from graphsocial.ingest.detect_format import ReaderSettings, detect_format, export_readers
from graphsocial.ingest.export_reader import ExportReader, FileSample
from graphsocial.ingest.export_report import ExportIngest, FileOutcome
from graphsocial.ingest.folder import load, read_folder
from graphsocial.ingest.ingest_exports import ingest_exports
from graphsocial.ingest.ingest_report import FileCount, IngestReport
from graphsocial.ingest.mapping import ColumnMapping, EdgeMapping, FolderMapping, TableMapping
from graphsocial.ingest.mapping_file import parse_mapping, read_mapping
from graphsocial.ingest.post_folder import PostEdges, PostFolder, post_folder, read_post_folder
from graphsocial.ingest.rejects import Reject

__all__ = [
    "CascadeFolder",
    "ColumnMapping",
    "EdgeMapping",
    "ExportIngest",
    "ExportReader",
    "FileCount",
    "FileOutcome",
    "FileSample",
    "FolderMapping",
    "IngestReport",
    "ReaderSettings",
    "PostEdges",
    "PostFolder",
    "Reject",
    "TableMapping",
    "data_files",
    "default_mapping",
    "detect_format",
    "export_readers",
    "ingest_exports",
    "load",
    "parse_mapping",
    "post_folder",
    "read_cascade_folder",
    "read_checksums",
    "read_folder",
    "read_mapping",
    "read_post_folder",
    "verify_checksums",
    "write_checksums",
]
