"""Who develops a model, and where that developer is at home, by the vendor in the model's public name."""

from __future__ import annotations

import re
from typing import NamedTuple

from parallax.records import ModelSpec

# what the model is asked through: nobody asks it here
NOT_ASKED = "imported"


class Vendor(NamedTuple):
    """A developer, and its home as an ISO 3166-1 code."""

    developer: str
    home: str


# the names before the slash are those of Hugging Face and OpenRouter
_VENDORS = {
    "01-ai": Vendor("01.AI", "CN"),
    "ai21": Vendor("AI21 Labs", "IL"),
    "alibaba": Vendor("Alibaba", "CN"),
    "allenai": Vendor("Ai2", "US"),
    "amazon": Vendor("Amazon", "US"),
    "anthropic": Vendor("Anthropic", "US"),
    "arcee-ai": Vendor("Arcee AI", "US"),
    "baidu": Vendor("Baidu", "CN"),
    "bytedance": Vendor("ByteDance", "CN"),
    "bytedance-seed": Vendor("ByteDance", "CN"),
    "cohere": Vendor("Cohere", "CA"),
    "deepseek": Vendor("DeepSeek", "CN"),
    "deepseek-ai": Vendor("DeepSeek", "CN"),
    "google": Vendor("Google", "US"),
    "ibm-granite": Vendor("IBM", "US"),
    "inception": Vendor("Inception", "US"),
    "inclusionai": Vendor("Ant Group", "CN"),
    "internlm": Vendor("Shanghai AI Laboratory", "CN"),
    "lgai-exaone": Vendor("LG AI Research", "KR"),
    "liquid": Vendor("Liquid AI", "US"),
    "meituan": Vendor("Meituan", "CN"),
    "meta": Vendor("Meta", "US"),
    "meta-llama": Vendor("Meta", "US"),
    "microsoft": Vendor("Microsoft", "US"),
    "minimax": Vendor("MiniMax", "CN"),
    "mistral": Vendor("Mistral AI", "FR"),
    "mistralai": Vendor("Mistral AI", "FR"),
    "moonshotai": Vendor("Moonshot AI", "CN"),
    "nousresearch": Vendor("Nous Research", "US"),
    "nvidia": Vendor("NVIDIA", "US"),
    "openai": Vendor("OpenAI", "US"),
    "perplexity": Vendor("Perplexity", "US"),
    "qwen": Vendor("Alibaba", "CN"),
    "sarvamai": Vendor("Sarvam AI", "IN"),
    "stepfun": Vendor("StepFun", "CN"),
    "stepfun-ai": Vendor("StepFun", "CN"),
    "swiss-ai": Vendor("Swiss AI Initiative", "CH"),
    "tencent": Vendor("Tencent", "CN"),
    "thinkingmachines": Vendor("Thinking Machines", "US"),
    "thudm": Vendor("Zhipu AI", "CN"),
    "tiiuae": Vendor("Technology Innovation Institute", "AE"),
    "tngtech": Vendor("TNG Technology Consulting", "DE"),
    "upstage": Vendor("Upstage", "KR"),
    "x-ai": Vendor("xAI", "US"),
    "xai": Vendor("xAI", "US"),
    "xiaomi": Vendor("Xiaomi", "CN"),
    "yandex": Vendor("Yandex", "RU"),
    "z-ai": Vendor("Zhipu AI", "CN"),
    "zai-org": Vendor("Zhipu AI", "CN"),
}
_UNSAFE = re.compile(r"[^A-Za-z0-9._/@:+-]")
_UNKNOWN = Vendor("", "")


def public_name(text: str) -> str:
    """Return a model's name in the characters that a name may have, at most 120 of them."""
    return _UNSAFE.sub("-", text.strip())[:120]


def entry(name: str) -> ModelSpec:
    """Return a recorded model by its full public name; developer and home are '' for an unknown vendor."""
    vendor = _VENDORS.get(name.partition("/")[0].lower(), _UNKNOWN) if "/" in name else _UNKNOWN
    return ModelSpec(name, f"{NOT_ASKED}/{name}", vendor.developer, vendor.home)
