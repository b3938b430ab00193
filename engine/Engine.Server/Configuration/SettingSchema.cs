using System.Text.Json;
using System.Text.Json.Nodes;

namespace Engine.Server.Configuration;

/// <summary>The settings as a JSON schema, for editors and for checks before a file reaches the server.</summary>
internal static class SettingSchema
{
    /// <summary>The schema of a configuration file, JSON Schema 2020-12.</summary>
    public static JsonObject Create()
    {
        var properties = new JsonObject { ["$schema"] = new JsonObject { ["type"] = "string" } };
        foreach (var setting in Setting.All)
        {
            properties[setting.Name] = Of(setting);
        }

        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "The configuration file of `engine serve --config`",
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
    }

    private static JsonObject Of(Setting setting)
    {
        var fallback = setting.DefaultInWords is { } words ? $" Default: {words}." : "";
        var schema = new JsonObject { ["description"] = setting.Description + fallback };
        if (setting.Type.IsEnum)
        {
            schema["enum"] = new JsonArray([.. setting.Words.Select(word => JsonValue.Create(word))]);
        }
        else
        {
            schema["type"] = setting.Type == typeof(int) ? "integer"
                : setting.Type == typeof(bool) ? "boolean"
                : setting.Type == typeof(string[]) ? "array"
                : "string";
        }

        if (setting.Type == typeof(string[]))
        {
            schema["items"] = new JsonObject { ["type"] = "string" };
        }

        if (setting.Range is var (least, most))
        {
            (schema["minimum"], schema["maximum"]) = (least, most);
        }

        if (setting.FixedDefault is { } value)
        {
            schema["default"] = JsonSerializer.SerializeToNode(Setting.WordOf(value));
        }

        return schema;
    }
}
