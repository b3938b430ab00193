using System.Globalization;
namespace Engine.Scoring.Pools;

/// <summary>
/// Reads a rule. In rising precedence: <c>part except part ...</c> (the difference, at the outermost level only),
/// <c>or</c>, <c>and</c>, parentheses, conditions; <c>not</c> stands before a condition or its comparison.
/// </summary>
internal sealed class RuleParser
{
    /// <summary>Parentheses within parentheses.</summary>
    public const int MaximumDepth = 64;

    /// <summary>Characters of a rule: room for a list of product ids as long as a large catalog.</summary>
    public const int MaximumLength = 4 << 20;

    /// <summary>Conditions of a rule.</summary>
    public const int MaximumConditions = 500;

    private readonly RuleTokens _tokens;
    private readonly RuleConditionParser _conditions;
    private int _depth;
    private int _read;

    private RuleParser(string rule)
    {
        _tokens = new RuleTokens(rule);
        _conditions = new RuleConditionParser(_tokens);
    }

    /// <summary>The tree of a rule.</summary>
    /// <exception cref="RuleException">The first thing that is wrong, and where.</exception>
    public static RuleTree Parse(string rule)
    {
        if (rule.Length > MaximumLength)
        {
            throw RuleException.TooLarge(string.Create(
                CultureInfo.InvariantCulture,
                $"found a rule of {rule.Length:N0} characters; expected at most {MaximumLength:N0}. "
                + $"Give the list of products as product_ids"));
        }

        var parser = new RuleParser(rule);
        var include = parser.Any();
        var except = new List<RuleNode>();
        while (parser._tokens.Take("except"))
        {
            except.Add(parser.Any());
        }

        return parser._tokens.Current.Kind == RuleTokenKind.End
            ? new RuleTree(rule, include, except)
            : throw parser._tokens.Expected("and, or, except, or the end of the rule");
    }

    private RuleNode Any() => Group("or", any: true, All);

    private RuleNode All() => Group("and", any: false, Factor);

    private RuleNode Group(string word, bool any, Func<RuleNode> next)
    {
        var nodes = new List<RuleNode> { next() };
        while (_tokens.Take(word))
        {
            nodes.Add(next());
        }

        return nodes.Count == 1 ? nodes[0] : new RuleGroup(nodes[0].Start, nodes[^1].End, any, nodes);
    }

    private RuleNode Factor()
    {
        var open = _tokens.Current;
        if (!_tokens.TakeSymbol("("))
        {
            return ++_read <= MaximumConditions
                ? _conditions.Read()
                : throw RuleException.At(
                    _tokens.Rule,
                    open.Start,
                    open.Length,
                    $"at most {MaximumConditions} conditions in a rule: put several values into one condition with in "
                    + "(..), or list the products by id");
        }

        if (++_depth > MaximumDepth)
        {
            throw RuleException.At(
                _tokens.Rule, open.Start, open.Length, $"at most {MaximumDepth} parentheses within each other");
        }

        var node = Any();
        if (_tokens.Current.Is("except"))
        {
            throw _tokens.Expected("except at the outermost level only, outside of all parentheses");
        }

        if (!_tokens.TakeSymbol(")"))
        {
            throw _tokens.Expected("and, or, or a closing parenthesis");
        }

        _depth--;
        return node;
    }
}
