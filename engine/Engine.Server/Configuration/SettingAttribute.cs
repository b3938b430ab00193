namespace Engine.Server.Configuration;

/// <summary>Makes a property a setting of the server; see <see cref="Setting"/>.</summary>
/// <param name="description">One or two sentences with the unit, for help, schema and page.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingAttribute(string description) : Attribute
{
    /// <summary>What it sets.</summary>
    public string Description { get; } = description;

    /// <summary>The default in words where it depends on the machine or on other settings.</summary>
    public string? Default { get; set; }
}
