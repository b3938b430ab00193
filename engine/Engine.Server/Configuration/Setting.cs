using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Engine.Server.Configuration;

/// <summary>
/// One setting of the server: a property of <see cref="ServerOptions"/>, or of the options inside it, with its name in
/// files, on the command line and in the environment. Options, file, schema, checks and page are made from this table.
/// </summary>
internal sealed class Setting
{
    private readonly PropertyInfo _property;
    private readonly PropertyInfo? _owner;
    private readonly SettingAttribute _about;
    private readonly RangeAttribute? _range;

    private Setting(PropertyInfo property, PropertyInfo? owner, SettingAttribute about)
    {
        (_property, _owner, _about) = (property, owner, about);
        _range = property.GetCustomAttribute<RangeAttribute>();
        Name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        Option = "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(property.Name);
        Variable = EnvironmentPrefix + JsonNamingPolicy.SnakeCaseUpper.ConvertName(property.Name);
    }

    /// <summary>How the names of environment variables begin.</summary>
    public const string EnvironmentPrefix = "ENGINE_";

    /// <summary>All settings, in the order of their properties.</summary>
    public static IReadOnlyList<Setting> All { get; } = [.. Of(typeof(ServerOptions), null)];

    /// <summary>In a file: snake_case.</summary>
    public string Name { get; }

    /// <summary>On the command line.</summary>
    public string Option { get; }

    /// <summary>In the environment.</summary>
    public string Variable { get; }

    /// <summary>What it sets.</summary>
    public string Description => _about.Description;

    /// <summary>Text, whole number, switch, list of texts, or an enumeration of words.</summary>
    public Type Type => _property.PropertyType;

    /// <summary>The least and the greatest value of a number; else null.</summary>
    public (int Least, int Most)? Range => _range is null ? null : ((int)_range.Minimum, (int)_range.Maximum);

    /// <summary>Whether the server needs it.</summary>
    public bool IsRequired => _property.IsDefined(typeof(RequiredAttribute));

    /// <summary>The words of an enumeration; else none.</summary>
    public IReadOnlyList<string> Words =>
        Type.IsEnum ? [.. Enum.GetNames(Type).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)] : [];

    /// <summary>The value that it has on this machine when nobody sets it.</summary>
    public object Default => Get(new ServerOptions());

    /// <summary>The default where it is the same on every machine; else null.</summary>
    public object? FixedDefault => _about.Default is null ? Default : null;

    /// <summary>The default in words where it is not the same on every machine.</summary>
    public string? DefaultInWords => _about.Default;

    /// <summary>A value as files and options write it: a word for a value of an enumeration.</summary>
    public static object WordOf(object value) =>
        value is Enum ? JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()!) : value;

    /// <summary>What a value must be, for messages.</summary>
    public string Expected =>
        Range is var (least, most) ? string.Create(CultureInfo.InvariantCulture, $"{least} to {most}")
        : Type == typeof(bool) ? "true or false"
        : Type == typeof(string[]) ? "a list of texts"
        : Type.IsEnum ? string.Join(" or ", Words)
        : "a text";

    /// <summary>The value in some options.</summary>
    public object Get(ServerOptions options) => _property.GetValue(OwnerIn(options))!;

    /// <summary>Sets a value of its type.</summary>
    public void Set(ServerOptions options, object value) => _property.SetValue(OwnerIn(options), value);

    /// <summary>Whether a value of its type lies in its range.</summary>
    public bool Holds(object value) => Range is not var (least, most) || (value is int n && n >= least && n <= most);

    /// <summary>The value of a text, or null when it is none of its type. Lists are separated by commas.</summary>
    public object? Parse(string text) =>
        Type == typeof(string) ? text
        : Type == typeof(string[])
            ? text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        : Type == typeof(bool) ? bool.TryParse(text, out var flag) ? flag : null
        : Type.IsEnum ? Enum.GetValues(Type).Cast<object>().FirstOrDefault(value => WordOf(value).Equals(text))
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : null;

    /// <summary>The value of a JSON element; null when it is of another kind.</summary>
    public object? Read(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String when Type == typeof(string) || Type.IsEnum => Parse(json.GetString()!),
        JsonValueKind.True or JsonValueKind.False when Type == typeof(bool) => json.GetBoolean(),
        JsonValueKind.Number when Type == typeof(int) => json.TryGetInt32(out var number) ? number : null,
        JsonValueKind.Array when Type == typeof(string[])
            && json.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
            json.EnumerateArray().Select(item => item.GetString()!).ToArray(),
        _ => null,
    };

    private static IEnumerable<Setting> Of(Type options, PropertyInfo? owner)
    {
        foreach (var property in options.GetProperties())
        {
            if (property.GetCustomAttribute<SettingAttribute>() is { } about)
            {
                yield return new Setting(property, owner, about);
            }
            else
            {
                foreach (var inner in Of(property.PropertyType, property))
                {
                    yield return inner;
                }
            }
        }
    }

    private object OwnerIn(ServerOptions options) => _owner?.GetValue(options) ?? options;
}
