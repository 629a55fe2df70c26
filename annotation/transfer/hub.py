"""Uploading an export to a dataset repository of the Hugging Face Hub."""

from pathlib import Path

from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, HFValidationError

from annotation.store import StoreError
from annotation.transfer.exporting import PARTIAL
from annotation.transfer.manifest import MANIFEST, check_export


def push_folder(folder: Path, repository: str, *, is_private: bool = True) -> str:
    """Upload the export in `folder` as one commit; the address of the dataset.

    If it is interrupted, run it again: the Hub knows large files by their sha256 and asks only for those it lacks, and
    the repository changes in one commit at the end. The token is the one that `hf auth login` keeps.

    Raises:
        StoreError: the folder is not a complete export, or the Hub refused it.
    """
    if not (folder / MANIFEST).is_file():
        raise StoreError(f"{folder} is not an export; make one with `python -m annotation export`")
    fault = next(check_export(folder), "")
    if fault:
        raise StoreError(f"the export {folder} is not whole: {fault}; export again")
    api = HfApi()
    try:
        api.create_repo(repository, repo_type="dataset", private=is_private, exist_ok=True)
        samples = len(list(folder.rglob("*.png")))
        commit = api.upload_folder(
            repo_id=repository,
            repo_type="dataset",
            folder_path=folder,
            commit_message=f"{samples} pictures",
            delete_patterns="*",
            ignore_patterns=f"{PARTIAL}*",
        )
    except (HfHubHTTPError, HFValidationError, OSError, RuntimeError) as error:  # a failed upload is a RuntimeError
        reason = str(error.__cause__ or error).strip().split("\n")[-1]
        raise StoreError(f"the Hub did not take {repository}: {reason}; run it again to resume") from error
    return commit.commit_url.split("/commit/")[0]
