using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Engine.Reports;

/// <summary>Writes the parts that pages of reports are made of.</summary>
/// <param name="say">A phrase in the reader's language.</param>
internal sealed class ReportHtml(Func<string, string> say)
{
    private readonly StringBuilder _html = new();

    /// <summary>Text that is safe inside HTML and SVG.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A number at four significant digits; empty for none.</summary>
    public static string Text(JsonNode? value) => value is null ? "" : SvgChart.Text((double)value);

    /// <summary>A count.</summary>
    public static string Count(JsonNode? value) =>
        value is null ? "" : ((long)(double)value).ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A value with its interval.</summary>
    public static string With(JsonNode? value, JsonNode? interval) =>
        $"{Text(value)} [{Text(interval![0])}, {Text(interval[1])}]";

    /// <summary>A phrase in the reader's language.</summary>
    public string Say(string phrase) => say(phrase);

    /// <summary>A heading.</summary>
    public void Heading(string phrase) =>
        _html.Append(CultureInfo.InvariantCulture, $"<h2>{Escape(say(phrase))}</h2>");

    /// <summary>A paragraph of words that are said already.</summary>
    public void Paragraph(string said) => _html.Append(CultureInfo.InvariantCulture, $"<p>{Escape(said)}</p>");

    /// <summary>Sentences in a list; nothing without any.</summary>
    /// <param name="kind">Of the list.</param>
    /// <param name="sentences">As they are shown.</param>
    /// <param name="isEnglish">They are the trainer's, in English in every language.</param>
    public void Sentences(string kind, IEnumerable<string> sentences, bool isEnglish)
    {
        var items = string.Concat(sentences.Select(text => $"<li>{Escape(text)}</li>"));
        if (items.Length > 0)
        {
            var english = isEnglish ? " lang=\"en\" translate=\"no\"" : "";
            _html.Append(CultureInfo.InvariantCulture, $"<div class=\"{kind}\"><ul{english}>{items}</ul></div>");
        }
    }

    /// <summary>Figures that stand out.</summary>
    public void Facts(params (string Phrase, string Value)[] facts) => _html.Append(
        CultureInfo.InvariantCulture,
        $"<dl class=\"facts\">{string.Concat(facts.Select(fact =>
            $"<div><dt>{Escape(say(fact.Phrase))}</dt><dd translate=\"no\">{Escape(fact.Value)}</dd></div>"))}</dl>");

    /// <summary>Lines through points, with a table behind them; nothing without points.</summary>
    /// <param name="title">A phrase.</param>
    /// <param name="x">A phrase: what the points go over.</param>
    /// <param name="lines">Each with its name, in the reader's language, and as many points as the first.</param>
    public void Lines(string title, string x, params (string Name, (double X, double Y)[] Points)[] lines) => Chart(
        title,
        SvgChart.Lines(say(title), say(x), lines),
        [say(x), .. lines.Select(line => line.Name)],
        (lines.FirstOrDefault().Points ?? []).Select((point, i) => (string[])[
            SvgChart.Text(point.X), .. lines.Select(line => SvgChart.Text(line.Points[i].Y)),
        ]));

    /// <summary>Groups of bars, with a table behind them; nothing without groups.</summary>
    /// <param name="title">A phrase.</param>
    /// <param name="x">A phrase: what the groups are.</param>
    /// <param name="groups">Their names; the chart has room for their numbers alone.</param>
    /// <param name="series">Each with its name, in the reader's language, and a value for each group.</param>
    public void Bars(
        string title, string x, IReadOnlyList<string> groups, params (string Name, double[] Values)[] series) => Chart(
        title,
        SvgChart.Bars(
            say(title),
            [.. groups.Select((_, i) => (i + 1).ToString(CultureInfo.InvariantCulture))],
            series),
        [say(x), .. series.Select(one => one.Name)],
        groups.Select((name, i) => (string[])[name, .. series.Select(one => SvgChart.Text(one.Values[i]))]));

    /// <summary>The names behind the numbers under a chart, which has no room for them.</summary>
    public void Names(IEnumerable<string> names) => _html.Append(
        CultureInfo.InvariantCulture,
        $"<ol translate=\"no\">{string.Concat(names.Select(name => $"<li>{Escape(name)}</li>"))}</ol>");

    /// <summary>A table; nothing without rows.</summary>
    /// <param name="title">A phrase.</param>
    /// <param name="columns">Phrases.</param>
    /// <param name="rows">Cells as they are shown.</param>
    /// <param name="names">Further columns, as they are shown.</param>
    public void Table(
        string title, string[] columns, IEnumerable<string[]> rows, IReadOnlyList<string>? names = null) =>
        Write(say(title), [.. columns.Select(say), .. names ?? []], rows);

    /// <summary>What is written between is folded behind a summary.</summary>
    public void Folded(string phrase, Action write)
    {
        _html.Append(CultureInfo.InvariantCulture, $"<details><summary>{Escape(say(phrase))}</summary>");
        write();
        _html.Append("</details>");
    }

    private void Chart(string title, string svg, string[] columns, IEnumerable<string[]> rows)
    {
        if (svg.Length > 0)
        {
            _html.Append(
                CultureInfo.InvariantCulture,
                $"<figure><figcaption>{Escape(say(title))}</figcaption>{svg}");
            Folded("The chart as a table", () => Write(say(title), columns, rows));
            _html.Append("</figure>");
        }
    }

    private void Write(string title, string[] columns, IEnumerable<string[]> rows)
    {
        var body = string.Concat(
            rows.Select(row => $"<tr>{string.Concat(row.Select(cell => $"<td>{Escape(cell)}</td>"))}</tr>"));
        if (body.Length > 0)
        {
            var head = string.Concat(columns.Select(column => $"<th scope=\"col\">{Escape(column)}</th>"));
            var named = Escape(title);
            _html.Append(
                CultureInfo.InvariantCulture,
                $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{named}\"><table><caption>{named}"
                + $"</caption><thead translate=\"no\"><tr>{head}</tr></thead>"
                + $"<tbody translate=\"no\">{body}</tbody></table></div>");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _html.ToString();
}
