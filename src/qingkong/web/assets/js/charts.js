// A chart on a page: <div data-chart='{echarts option}'> beside a table that says the same in words.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer, CanvasRenderer } from "echarts/renderers";

echarts.use([BarChart, LineChart, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, CanvasRenderer, SVGRenderer]);

for (const box of document.querySelectorAll("[data-chart]")) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const chart = echarts.init(box, null, { renderer: "canvas" });
  const option = JSON.parse(box.dataset.chart);
  chart.setOption({
    color: ["#0b5cab", "#e08a1e", "#1c7c54", "#6b7b8a"],
    animation: !still,
    textStyle: { fontFamily: '"PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", system-ui, sans-serif' },
    grid: { left: 48, right: 16, top: 36, bottom: 32 },
    ...option,
    tooltip: { trigger: "axis", ...option.tooltip, renderMode: "richText" },
  });
  new ResizeObserver(() => chart.resize()).observe(box);
}
