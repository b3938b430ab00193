using System.Globalization;
using System.Text;

namespace Engine.Reports;

/// <summary>Small charts as SVG text: lines and grouped bars, from zero, with a readable scale.</summary>
internal static class SvgChart
{
    private const double Width = 560;
    private const double Height = 260;
    private const double Left = 60;
    private const double Bottom = 34;
    private const double Top = 12;
    private static readonly string[] Colors = ["#1b6ca8", "#d9822b", "#5a9e6f", "#8a6bbf"];

    /// <summary>Lines through points; each line has its name, x and y ascend from 0 or from the least x.</summary>
    public static string Lines(string title, string xLabel, params (string Name, (double X, double Y)[] Points)[] lines)
    {
        var points = lines.SelectMany(line => line.Points).ToArray();
        if (points.Length == 0)
        {
            return "";
        }

        var (low, high) = (Math.Min(0, points.Min(point => point.X)), Nice(points.Max(point => point.X)));
        var most = Nice(points.Max(point => point.Y));
        var svg = Begin(title, xLabel, most, Text(low), Text(high));
        for (var n = 0; n < lines.Length; n++)
        {
            var path = string.Join(' ', lines[n].Points.Select(point =>
                $"{Text(Left + ((point.X - low) / (high - low) * (Width - Left - 10)))},{Text(Y(point.Y, most))}"));
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<polyline fill=\"none\" stroke=\"{Colors[n % Colors.Length]}\" "
                + $"stroke-width=\"2\" points=\"{path}\"/>");
        }

        return End(svg, [.. lines.Select(line => line.Name)]);
    }

    /// <summary>Groups of bars: for each label one bar a series.</summary>
    public static string Bars(string title, string[] labels, params (string Name, double[] Values)[] series)
    {
        if (labels.Length == 0 || series.Length == 0)
        {
            return "";
        }

        var most = Nice(series.Max(one => one.Values.Max()));
        var svg = Begin(title, "", most, "", "");
        var group = (Width - Left - 10) / labels.Length;
        var bar = group * 0.8 / series.Length;
        for (var g = 0; g < labels.Length; g++)
        {
            for (var n = 0; n < series.Length; n++)
            {
                var y = Y(series[n].Values[g], most);
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<rect x=\"{Text(Left + (g * group) + (n * bar) + (group * 0.1))}\" y=\"{Text(y)}\" "
                    + $"width=\"{Text(bar)}\" height=\"{Text(Y(0, most) - y)}\" "
                    + $"fill=\"{Colors[n % Colors.Length]}\"><title>{Escape(series[n].Name)} {Escape(labels[g])}: "
                    + $"{Text(series[n].Values[g])}</title></rect>");
            }

            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{Text(Left + ((g + 0.5) * group))}\" y=\"{Text(Height - Bottom + 16)}\" "
                + $"text-anchor=\"middle\">{Escape(labels[g])}</text>");
        }

        return End(svg, [.. series.Select(one => one.Name)]);
    }

    /// <summary>A number at four significant digits.</summary>
    public static string Text(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static StringBuilder Begin(string title, string xLabel, double most, string low, string high)
    {
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" translate=\"no\" aria-label=\"{Escape(title)}\">");
        for (var tick = 0; tick <= 4; tick++)
        {
            var y = Y(most * tick / 4, most);
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line x1=\"{Left}\" x2=\"{Width - 10}\" y1=\"{Text(y)}\" y2=\"{Text(y)}\" stroke=\"#ddd\"/><text "
                + $"x=\"{Left - 6}\" y=\"{Text(y + 4)}\" text-anchor=\"end\">{Text(most * tick / 4)}</text>");
        }

        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Left}\" y=\"{Height - Bottom + 16}\">{Escape(low)}</text><text x=\"{Width - 10}\" "
            + $"y=\"{Height - Bottom + 16}\" text-anchor=\"end\">{Escape(high)}</text>"
            + $"<text x=\"{(Width + Left) / 2}\" y=\"{Height - Bottom + 16}\" "
            + $"text-anchor=\"middle\">{Escape(xLabel)}</text>");
        return svg;
    }

    private static string End(StringBuilder svg, string[] names)
    {
        svg.Append("</svg><p class=\"legend\">");
        for (var n = 0; n < names.Length; n++)
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<svg class=\"key\" width=\"12\" height=\"12\" aria-hidden=\"true\"><rect width=\"12\" height=\"12\" "
                + $"fill=\"{Colors[n % Colors.Length]}\"/></svg> <span translate=\"no\">{Escape(names[n])}</span> ");
        }

        return svg.Append("</p>").ToString();
    }

    private static string Escape(string text) => ReportHtml.Escape(text);

    private static double Y(double value, double most) => Top + ((1 - (value / most)) * (Height - Bottom - Top));

    // The next of 1, 2, 2.5, 5, 10 times a power of ten.
    private static double Nice(double value)
    {
        if (!(value > 0))
        {
            return 1;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return power * ((double[])[1, 2, 2.5, 5, 10]).First(step => step * power >= value * 0.999999);
    }
}
