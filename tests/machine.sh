#!/bin/sh
# What the tests need of the machine beyond Python and Node: a browser, CJK fonts, ffmpeg, nginx. As root it is installed;
# otherwise one plain line says what will be skipped, and the command that installs it.
want=""
command -v chromium >/dev/null 2>&1 || want="$want chromium"
command -v ffmpeg >/dev/null 2>&1 || want="$want ffmpeg"
command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ] || want="$want nginx-light"
ls /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc >/dev/null 2>&1 || want="$want fonts-noto-cjk"
[ -z "$want" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "==> 安装 / installing$want"
    apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $want >/dev/null && exit 0
fi
echo "缺少$want，相关测试将跳过；安装：sudo apt-get install$want / missing$want: their tests are skipped" >&2
exit 0
