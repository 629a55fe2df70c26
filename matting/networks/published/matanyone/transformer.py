"""The object transformer: what is known of the subject as a whole has its say at each place."""

import torch
from torch import Tensor, nn

from matting.networks.published.matanyone.blocks import WIDTH, AttentiveBlock
from matting.networks.published.matanyone.encoders import SUMMARIES

HEADS = 8
BLOCKS = 3


class ObjectTransformer(nn.Module):
    """Queries, one for each summary of the subject, read from the places, and the places from them."""

    def __init__(self) -> None:
        super().__init__()
        self.query_init = nn.Embedding(SUMMARIES, WIDTH)
        self.query_emb = nn.Embedding(SUMMARIES, WIDTH)
        self.summary_to_query_init = nn.Linear(WIDTH, WIDTH)
        self.summary_to_query_emb = nn.Linear(WIDTH, WIDTH)
        self.pixel_init_proj = nn.Conv2d(WIDTH, WIDTH, 1)
        self.pixel_emb_proj = nn.Conv2d(WIDTH, WIDTH, 1)
        self.blocks = nn.ModuleList(Block() for _ in range(BLOCKS))
        self.mask_pred = nn.ModuleList(nn.Sequential(nn.ReLU(), nn.Conv2d(WIDTH, 1, 1)) for _ in range(BLOCKS))

    def forward(self, pixels: Tensor, summaries: Tensor, places: Tensor) -> Tensor:
        """(N, 256, h, w), (N, 16, 257) and (h · w, 256) → (N, 256, h, w)."""
        means = summaries[..., :-1] / (summaries[..., -1:] + 1e-4)
        queries = self.query_init.weight + self.summary_to_query_init(means)
        kinds = self.query_emb.weight + self.summary_to_query_emb(means)
        places = places + self.pixel_emb_proj(pixels).flatten(2).transpose(1, 2)
        pixels = self.pixel_init_proj(pixels)
        for block, inside in zip(self.blocks, self.mask_pred, strict=True):
            queries, pixels = block(queries, pixels, kinds, places, unseen(inside(pixels)))
        return pixels


class Block(nn.Module):
    """Queries look at pixels, at each other and at themselves; then pixels look at queries."""

    def __init__(self) -> None:
        super().__init__()
        self.read_from_pixel = Attention("cross_attn")
        self.self_attn = Attention("self_attn")
        self.ffn = Perceptron()
        self.read_from_query = Attention("cross_attn", is_normed=False)
        self.pixel_ffn = nn.ModuleDict({"conv": AttentiveBlock()})

    def forward(
        self, queries: Tensor, pixels: Tensor, kinds: Tensor, places: Tensor, unseen: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Queries (N, 16, 256) and pixels (N, 256, h, w), as they are now → as they are afterwards.

        `kinds` (N, 16, 256) and `places` (N, h · w, 256) tell them apart; `unseen` says which pixels no query may see.
        """
        flat = pixels.flatten(2).transpose(1, 2)
        queries = self.read_from_pixel(queries, kinds, flat, places, unseen)
        queries = self.ffn(self.self_attn(queries, kinds))
        flat = self.read_from_query(flat, places, queries, kinds)
        return queries, self.pixel_ffn["conv"](flat.transpose(1, 2).reshape(pixels.shape))


class Attention(nn.Module):
    """Attention by what things are and where; what is read from them is only what they are."""

    def __init__(self, name: str, *, is_normed: bool = True) -> None:
        super().__init__()
        self.name = name
        self.add_module(name, nn.MultiheadAttention(WIDTH, HEADS, batch_first=True))
        self.norm = nn.LayerNorm(WIDTH) if is_normed else nn.Identity()

    def forward(
        self,
        x: Tensor,
        where: Tensor,
        read: Tensor | None = None,
        read_where: Tensor | None = None,
        unseen: Tensor | None = None,
    ) -> Tensor:
        """(N, length, 256) → the same shape, with what it found in `read`, or in itself."""
        x = self.norm(x)
        asks = x + where
        values = x if read is None else read
        keys = asks if read is None or read_where is None else read + read_where
        found, _ = self.get_submodule(self.name)(asks, keys, values, attn_mask=unseen, need_weights=False)
        return x + found  # type: ignore[no-any-return]


class Perceptron(nn.Module):
    """Two layers, beside a path around them."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(WIDTH, 2048)
        self.linear2 = nn.Linear(2048, WIDTH)
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """(N, length, 256) → the same shape."""
        return x + self.linear2(torch.relu(self.linear1(self.norm(x))))  # type: ignore[no-any-return]


def unseen(logits: Tensor) -> Tensor:
    """(N, 1, h, w) → (N · heads, 16, h · w): which places each query may not see.

    The first half sees the inside of the subject, the second half the outside; who would see nothing sees everything.
    """
    inside = logits.flatten(2) >= 0
    hidden = torch.cat([side.expand(-1, SUMMARIES // 2, -1) for side in (~inside, inside)], dim=1)
    hidden = hidden & ~hidden.all(dim=2, keepdim=True)
    return hidden.repeat_interleave(HEADS, dim=0)
