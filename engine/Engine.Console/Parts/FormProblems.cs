namespace Engine.WebConsole.Parts;

/// <summary>
/// Where a form shows what the engine refused: beside the field that it is about, or below when no field has it.
/// </summary>
/// <param name="problem">What the engine said; null for nothing.</param>
public sealed class FormProblems(Problem? problem)
{
    // Filled while the form is rendered, before the rest is shown.
    private readonly HashSet<string> _shown = [];

    /// <summary>What no field has shown yet: to be read after all fields.</summary>
    public Problem? Rest => problem is not null && !problem.IsAbout(_shown) ? problem : null;

    /// <summary>What one of these fields of the request shows; null for nothing.</summary>
    public Problem? Of(params string[] fields)
    {
        _shown.UnionWith(fields);
        return problem?.IsAbout(fields) == true ? problem : null;
    }

    /// <summary>The same for one element of a list: rules[2] and all that is in it.</summary>
    public Problem? At(string list, int index)
    {
        var isThere = problem?.Field.Contains($"{list}[{index}]", StringComparison.Ordinal) == true;
        if (isThere)
        {
            _shown.Add(problem!.LastField);
        }

        return isThere ? problem : null;
    }
}
