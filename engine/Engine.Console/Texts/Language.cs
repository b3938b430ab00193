using System.Globalization;
using System.Resources;
using Engine.Reports;

namespace Engine.WebConsole.Texts;

/// <summary>
/// The words, numbers and dates of one language. The words are in Texts.resx and Texts.zh-Hans.resx; a page that shows
/// a key has a mistake, and a test finds it.
/// </summary>
internal sealed class Language
{
    /// <summary>The cookie of the switch.</summary>
    public const string Cookie = "console-language";

    /// <summary>The languages of the switch: code, and the name in itself.</summary>
    public static readonly IReadOnlyList<(string Code, string Name)> Offered = ReportWords.Languages;

    // English between brackets: a test looks for texts that have none.
    private const string Pseudo = "qps-ploc";

    private static readonly ResourceManager English = new("texts.en", typeof(Language).Assembly);
    private static readonly ResourceManager Chinese = new("texts.zh-Hans", typeof(Language).Assembly);

    private readonly ResourceManager _words;

    // Both languages write numbers alike; the program knows no cultures.
    private readonly CultureInfo _numbers = CultureInfo.InvariantCulture;

    /// <summary>A language by its code; English for any other code.</summary>
    public Language(string? code)
    {
        Code = code is "zh-Hans" or Pseudo ? code : "en";
        _words = Code == "zh-Hans" ? Chinese : English;
    }

    /// <summary>As HTML writes it.</summary>
    public string Code { get; }

    /// <summary>The words of a key.</summary>
    public string this[string key] => Mark(_words.GetString(key, _numbers) ?? key);

    /// <summary>The words of a key with values in their places.</summary>
    public string this[string key, params object?[] values] =>
        string.Format(CultureInfo.InvariantCulture, this[key], values);

    /// <summary>A phrase of the training report.</summary>
    public string Phrase(string english) => Mark(ReportWords.Say(Code, english));

    /// <summary>The language of the switch, or else the first of the browser's that the console has.</summary>
    public static Language Of(HttpRequest request) => new(
        request.Cookies[Cookie] ?? request.GetTypedHeaders().AcceptLanguage
            .OrderByDescending(language => language.Quality ?? 1)
            .Select(language => language.Value.ToString())
            .Select(tag => tag.StartsWith("zh", StringComparison.OrdinalIgnoreCase) ? "zh-Hans"
                : tag.StartsWith("en", StringComparison.OrdinalIgnoreCase) ? "en"
                : null)
            .FirstOrDefault(code => code is not null));

    /// <summary>A count.</summary>
    public string Number(long count) => count.ToString("N0", _numbers);

    /// <summary>A measured value, with so many decimals.</summary>
    public string Number(double value, int decimals) =>
        value.ToString($"N{decimals}", _numbers);

    /// <summary>A share, 0..1, as a percentage.</summary>
    public string Percent(double share, int decimals = 1) => $"{Number(share * 100, decimals)}%";

    /// <summary>A day of the engine, yyyy-MM-dd with or without a time behind.</summary>
    public string Day(string iso) =>
        DateOnly.TryParseExact(
            iso.AsSpan(0, Math.Min(iso.Length, 10)),
            "yyyy-MM-dd",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var day)
            ? Mark(day.ToString(_words.GetString("Format.Day", _numbers), _numbers))
            : iso;

    /// <summary>A moment, in UTC.</summary>
    public string Moment(DateTimeOffset moment) =>
        Mark(moment.UtcDateTime.ToString(_words.GetString("Format.Moment", _numbers), _numbers));

    /// <summary>A duration in its largest unit.</summary>
    public string Duration(double seconds) => seconds switch
    {
        < 60 => this["Duration.Seconds", Number((long)Math.Ceiling(seconds))],
        < 3600 => this["Duration.Minutes", Number((long)Math.Ceiling(seconds / 60))],
        _ => this["Duration.Hours", Number(seconds / 3600, 1)],
    };

    private string Mark(string words) => Code == Pseudo ? $"⟦{words}⟧" : words;
}
