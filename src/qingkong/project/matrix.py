"""The matrix of routes and roles, printed to docs/permissions.md and compared in a test."""

from qingkong.kernel import access
from qingkong.kernel.access.permissions import label_of, may
from qingkong.kernel.identity.posts import Post
from qingkong.web.routes import routes_matrix

HEAD = """# 路由与岗位 / Routes and posts

由 `qingkong routes` 从代码打印，测试逐字比较。✓ 表示该岗位可以打开这一页（对具体对象还要再核一次）。
Printed from the code by `qingkong routes` and compared in a test. ✓: the post may open the page; each subject is checked again.

"""


def matrix() -> str:
    """The matrix as Markdown: one line a route, one column a post."""
    posts = list(Post)
    lines = ["| 页面 | 地址 | 权限 | " + " | ".join(p.label.source for p in posts) + " | 群众 |"]
    lines.append("|---" * (len(posts) + 4) + "|")
    for route in sorted(routes_matrix(), key=lambda r: (r.name, r.path)):
        marks = ["✓" if may(_as(post), route.needs) else "" for post in posts]
        marks.append("✓" if may(access.person(), route.needs) else "")
        lines.append(
            f"| `{route.name}` | `{route.path}` | {label_of(route.needs).source if route.needs != 'public' else '公开'} `{route.needs}` | "
            + " | ".join(marks)
            + " |"
        )
    return HEAD + "\n".join(lines) + "\n"


def _as(post: Post) -> access.Actor:
    return access.Actor("officer", None, post.label.source, post, None, "", "", None)
