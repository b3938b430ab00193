using System.Reflection;
using Xunit.Sdk;

namespace EndToEnd.Tests.Clients;

/// <summary>A language that a theory is about; skipped with the reason where its package cannot be built.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class ClientDataAttribute : DataAttribute
{
    private readonly string _language;

    public ClientDataAttribute(string language)
    {
        _language = language;
        Skip = language == "node" ? NodeModules.Missing : ScriptedClient.MissingForPython;
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[_language]];
}
