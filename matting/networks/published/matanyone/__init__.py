"""MatAnyone 2 (Yang et al., "Scaling Video Matting via a Learned Quality Evaluator", CVPR 2026, arXiv 2512.11782).

It follows one subject through a video. The network is that of MatAnyone (CVPR 2025, arXiv 2501.14677), which took most
of it from Cutie (CVPR 2024, arXiv 2310.12982). Parameter names and shapes are the published ones; parts that only
training needs are left out.
"""
