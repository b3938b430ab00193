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

    /// <summary>Sentences of the trainer, in English.</summary>
    public void Sentences(string kind, IEnumerable<string> sentences)
    {
        var items = string.Concat(sentences.Select(text => $"<li>{Escape(text)}</li>"));
        if (items.Length > 0)
        {
            _html.Append(
                CultureInfo.InvariantCulture,
                $"<div class=\"{kind}\"><ul lang=\"en\" translate=\"no\">{items}</ul></div>");
        }
    }

    /// <summary>Figures that stand out.</summary>
    public void Facts(params (string Phrase, string Value)[] facts) => _html.Append(
        CultureInfo.InvariantCulture,
        $"<dl class=\"facts\">{string.Concat(facts.Select(fact =>
            $"<div><dt>{Escape(say(fact.Phrase))}</dt><dd translate=\"no\">{Escape(fact.Value)}</dd></div>"))}</dl>");

    /// <summary>A chart.</summary>
    public void Chart(string svg) => _html.Append(svg);

    /// <summary>The names behind the numbers under a chart, which has no room for them.</summary>
    public void Names(IEnumerable<string> names) => _html.Append(
        CultureInfo.InvariantCulture,
        $"<ol translate=\"no\">{string.Concat(names.Select(name => $"<li>{Escape(name)}</li>"))}</ol>");

    /// <summary>A table; nothing without rows.</summary>
    public void Table(string title, string[] columns, IEnumerable<string[]> rows)
    {
        var body = string.Concat(
            rows.Select(row => $"<tr>{string.Concat(row.Select(cell => $"<td>{Escape(cell)}</td>"))}</tr>"));
        if (body.Length > 0)
        {
            var head = string.Concat(columns.Select(column => $"<th scope=\"col\">{Escape(say(column))}</th>"));
            var named = Escape(say(title));
            _html.Append(
                CultureInfo.InvariantCulture,
                $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{named}\"><table><caption>{named}"
                + $"</caption><thead><tr>{head}</tr></thead><tbody translate=\"no\">{body}</tbody></table></div>");
        }
    }

    /// <summary>What is written between is folded behind a summary.</summary>
    public void Folded(string phrase, Action write)
    {
        _html.Append(CultureInfo.InvariantCulture, $"<details><summary>{Escape(say(phrase))}</summary>");
        write();
        _html.Append("</details>");
    }

    /// <inheritdoc/>
    public override string ToString() => _html.ToString();
}
