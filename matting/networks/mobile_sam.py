"""MobileSAM: points on an object → what they select, with parameter names as published.

Zhang et al., "Faster Segment Anything: Towards Lightweight SAM for Mobile Applications", 2023, arXiv 2306.14289: the
prompt encoder and mask decoder of SAM (Kirillov et al., "Segment Anything", ICCV 2023, arXiv 2304.02643) behind a small
image encoder. Points and boxes; masks as prompts are left out.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from matting.networks.tiny_vit import EMBEDDING, ChannelNorm, TinyViT

SIDE = 1024
"""The side of the square picture that the image encoder sees."""
CANDIDATES = 4
"""The masks of one decoding: one for several points, then three for the whole, a part, and a part of that."""
HEADS = 8
BOX = 2
"""The labels from which a point is a corner of a box."""


class MobileSAM(nn.Module):
    """`image_encoder` gives the features of a picture, once; calling the network answers points from them."""

    def __init__(self) -> None:
        super().__init__()
        self.image_encoder = TinyViT()
        self.prompt_encoder = PromptEncoder()
        self.mask_decoder = MaskDecoder()

    def forward(self, features: Tensor, points: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (1, 4, 256, 256), positive where selected, and the estimated IoU of each mask (1, 4).

        `features` (1, 256, 64, 64) are of a 1024 × 1024 picture; `points` (1, N, 2) are (x, y) in its pixels, whose
        centres lie at whole numbers plus a half; `labels` (1, N): 1 foreground, 0 background, 2 and 3 the first and the
        last corner of a box.
        """
        places = self.prompt_encoder.places(features.shape[-1])
        scene = features + self.prompt_encoder.no_mask_embed.weight[:, :, None, None]
        masks, scores = self.mask_decoder(scene, places, self.prompt_encoder(points, labels))
        return masks, scores


class PromptEncoder(nn.Module):
    """Points as tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.pe_layer = Places()
        self.point_embeddings = nn.ModuleList(
            nn.Embedding(1, EMBEDDING) for _ in range(4)
        )  # by label; two are for boxes
        self.not_a_point_embed = nn.Embedding(1, EMBEDDING)
        self.no_mask_embed = nn.Embedding(1, EMBEDDING)
        self.mask_downscaling = nn.Sequential(  # for masks as prompts; unused, but in the published file
            nn.Conv2d(1, 4, 2, 2),
            ChannelNorm(4),
            nn.GELU(),
            nn.Conv2d(4, 16, 2, 2),
            ChannelNorm(16),
            nn.GELU(),
            nn.Conv2d(16, EMBEDDING, 1),
        )

    def forward(self, points: Tensor, labels: Tensor) -> Tensor:
        """(N, P, 2) in pixels and (N, P) → (N, P + 1, 256), whose last token says that there is no box; with a box, (N,
        P, 256)."""
        kinds = torch.cat(list(self.point_embeddings.parameters()))
        tokens: Tensor = self.pe_layer(points / SIDE) + kinds[labels.long()]
        if (labels >= BOX).any():
            return tokens
        last = self.not_a_point_embed.weight.expand(len(points), 1, -1)
        return torch.cat((tokens, last), dim=1)

    def places(self, side: int) -> Tensor:
        """(1, 256, side, side): the place of each feature of a picture, encoded as points are."""
        centres = (torch.arange(side, device=self.no_mask_embed.weight.device) + 0.5) / side
        grid = torch.stack(torch.meshgrid(centres, centres, indexing="xy"), dim=-1)
        place: Tensor = self.pe_layer(grid)
        return place.permute(2, 0, 1)[None]


class Places(nn.Module):
    """Random Fourier features of a place (Tancik et al., NeurIPS 2020)."""

    positional_encoding_gaussian_matrix: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("positional_encoding_gaussian_matrix", torch.randn(2, EMBEDDING // 2))

    def forward(self, places: Tensor) -> Tensor:
        """(…, 2), x and y in [0, 1] → (…, 256)."""
        waves = 2 * math.pi * (2 * places - 1) @ self.positional_encoding_gaussian_matrix
        return torch.cat((waves.sin(), waves.cos()), dim=-1)


class MaskDecoder(nn.Module):
    """Tokens and picture attend to each other; then each mask token becomes a filter for the picture."""

    def __init__(self) -> None:
        super().__init__()
        self.transformer = TwoWayTransformer()
        self.iou_token = nn.Embedding(1, EMBEDDING)
        self.mask_tokens = nn.Embedding(CANDIDATES, EMBEDDING)
        self.output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(EMBEDDING, EMBEDDING // 4, 2, 2),
            ChannelNorm(EMBEDDING // 4),
            nn.GELU(),
            nn.ConvTranspose2d(EMBEDDING // 4, EMBEDDING // 8, 2, 2),
            nn.GELU(),
        )
        self.output_hypernetworks_mlps = nn.ModuleList(Perceptron(EMBEDDING // 8) for _ in range(CANDIDATES))
        self.iou_prediction_head = Perceptron(CANDIDATES)

    def forward(self, scene: Tensor, places: Tensor, prompts: Tensor) -> tuple[Tensor, Tensor]:
        """`scene` and `places` (1, 256, H, W), `prompts` (1, P, 256) → masks (1, 4, 4H, 4W) and scores (1, 4)."""
        asking = torch.cat((self.iou_token.weight, self.mask_tokens.weight))[None]
        tokens, pixels = self.transformer(scene, places, torch.cat((asking, prompts), dim=1))
        fine = self.output_upscaling(pixels.transpose(1, 2).view(scene.shape))
        filters = [head(tokens[:, 1 + index]) for index, head in enumerate(self.output_hypernetworks_mlps)]
        masks = torch.einsum("nmc,nchw->nmhw", torch.stack(filters, dim=1), fine)
        return masks, self.iou_prediction_head(tokens[:, 0])


class TwoWayTransformer(nn.Module):
    """Attention from the tokens to the picture and back, twice, and to the picture once more."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(TwoWayBlock(is_first=index == 0) for index in range(2))
        self.final_attn_token_to_image = Attention(EMBEDDING // 2)
        self.norm_final_attn = nn.LayerNorm(EMBEDDING)

    def forward(self, scene: Tensor, places: Tensor, prompts: Tensor) -> tuple[Tensor, Tensor]:
        """(1, 256, H, W) twice and (1, T, 256) → the tokens (1, T, 256) and the picture (1, H · W, 256)."""
        pixels, where = (picture.flatten(2).transpose(1, 2) for picture in (scene, places))
        tokens = prompts
        for layer in self.layers:
            tokens, pixels = layer(tokens, pixels, prompts, where)
        found = self.final_attn_token_to_image(tokens + prompts, pixels + where, pixels)
        return self.norm_final_attn(tokens + found), pixels


class TwoWayBlock(nn.Module):
    """Tokens attend to each other, then to the picture, pass a perceptron, and the picture attends to them."""

    def __init__(self, *, is_first: bool) -> None:
        super().__init__()
        self.is_first = is_first
        self.self_attn = Attention(EMBEDDING)
        self.norm1 = nn.LayerNorm(EMBEDDING)
        self.cross_attn_token_to_image = Attention(EMBEDDING // 2)
        self.norm2 = nn.LayerNorm(EMBEDDING)
        self.mlp = Thought()
        self.norm3 = nn.LayerNorm(EMBEDDING)
        self.cross_attn_image_to_token = Attention(EMBEDDING // 2)
        self.norm4 = nn.LayerNorm(EMBEDDING)

    def forward(self, tokens: Tensor, pixels: Tensor, prompts: Tensor, where: Tensor) -> tuple[Tensor, Tensor]:
        """`tokens` and `prompts` (1, T, 256), `pixels` and `where` (1, H · W, 256) → new tokens and pixels."""
        if self.is_first:  # the tokens are still the prompts
            tokens = self.self_attn(tokens, tokens, tokens)
        else:
            asking = tokens + prompts
            tokens = tokens + self.self_attn(asking, asking, tokens)
        tokens = self.norm1(tokens)
        tokens = self.norm2(tokens + self.cross_attn_token_to_image(tokens + prompts, pixels + where, pixels))
        tokens = self.norm3(tokens + self.mlp(tokens))
        pixels = self.norm4(pixels + self.cross_attn_image_to_token(pixels + where, tokens + prompts, tokens))
        return tokens, pixels


class Attention(nn.Module):
    """Attention with `inner` channels between its projections."""

    def __init__(self, inner: int) -> None:
        super().__init__()
        self.q_proj = nn.Linear(EMBEDDING, inner)
        self.k_proj = nn.Linear(EMBEDDING, inner)
        self.v_proj = nn.Linear(EMBEDDING, inner)
        self.out_proj = nn.Linear(inner, EMBEDDING)

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """(N, Q, 256), (N, K, 256) twice → (N, Q, 256)."""
        projected = (self.q_proj(query), self.k_proj(key), self.v_proj(value))
        heads = (tokens.unflatten(-1, (HEADS, -1)).transpose(1, 2) for tokens in projected)
        found: Tensor = self.out_proj(F.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2))
        return found


class Thought(nn.Module):
    """The perceptron inside a transformer block."""

    def __init__(self) -> None:
        super().__init__()
        self.lin1 = nn.Linear(EMBEDDING, 8 * EMBEDDING)
        self.lin2 = nn.Linear(8 * EMBEDDING, EMBEDDING)

    def forward(self, tokens: Tensor) -> Tensor:
        """(N, T, 256) → the same shape."""
        y: Tensor = self.lin2(F.relu(self.lin1(tokens)))
        return y


class Perceptron(nn.Module):
    """Three layers, from a token to `outputs` numbers."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(EMBEDDING, width) for width in (EMBEDDING, EMBEDDING, outputs))

    def forward(self, token: Tensor) -> Tensor:
        """(N, 256) → (N, outputs)."""
        first, second, last = self.layers
        y: Tensor = last(F.relu(second(F.relu(first(token)))))
        return y
