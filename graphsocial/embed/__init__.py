"""Texts, pictures and clips as modality tokens: encoders, normalisation, cache, and the table models read.

No torch is imported before an encoder is asked for.
"""

from graphsocial.embed.encoder import Embedded, EncoderInfo, ImageEmbedder, TextEmbedder
from graphsocial.embed.hashing import hashing_embeddings
from graphsocial.embed.image import image_embedder
from graphsocial.embed.nearest import Nearest, nearest
from graphsocial.embed.nearest_posts import NearestPosts, nearest_posts
from graphsocial.embed.normalisation import TextNormalisation, normalise_text
from graphsocial.embed.picture import read_image
from graphsocial.embed.posts import embed_posts
from graphsocial.embed.table import BrokenMedia, EmbeddingTable, ModalityTokens, NodeContents
from graphsocial.embed.text import text_embedder
from graphsocial.embed.token_cache import TokenCache
from graphsocial.embed.torchvision_repair import repair_torchvision
from graphsocial.embed.video import VideoFrame, video_frames

__all__ = [
    "BrokenMedia",
    "Embedded",
    "EmbeddingTable",
    "EncoderInfo",
    "ImageEmbedder",
    "ModalityTokens",
    "Nearest",
    "NearestPosts",
    "NodeContents",
    "TextEmbedder",
    "TextNormalisation",
    "TokenCache",
    "VideoFrame",
    "embed_posts",
    "hashing_embeddings",
    "image_embedder",
    "nearest",
    "nearest_posts",
    "normalise_text",
    "read_image",
    "repair_torchvision",
    "text_embedder",
    "video_frames",
]
